import { createEngine, declarativeBase, type Engine, integer, select, Session, text } from 'cinnabar';
import { durableObject, type DurableObjectStorageLike } from 'cinnabar/durable-object';
import { data, execute, migrate, revision } from 'cinnabar/migrate';

const Model = declarativeBase();
class Note extends Model('notes', { id: integer().primaryKey(), body: text() }) {}

const revisions = [
  revision({ id: 'r1', up: [execute('create table notes (id integer primary key, body text not null)')] }),
  revision({
    id: 'r2',
    parents: ['r1'],
    up: [
      execute('create table runs (n integer)'),
      data('count the run', async (db) => {
        await db.execute('insert into runs values (1)');
        await pause();
      }),
    ],
  }),
];

/** Waits for something outside of the object. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}

interface State {
  readonly storage: DurableObjectStorageLike;
  blockConcurrencyWhile(work: () => Promise<void>): Promise<void>;
}

/** An object that migrates its storage before it answers anything. */
export class Notes {
  readonly #storage: DurableObjectStorageLike;
  readonly #engine: Engine<true>;
  #ran: readonly string[] = [];

  constructor(state: State) {
    this.#storage = state.storage;
    this.#engine = createEngine(durableObject(state.storage));
    void state.blockConcurrencyWhile(async () => {
      this.#ran = (await migrate(this.#engine, revisions)).ran;
    });
  }

  async fetch({ url }: Request): Promise<Response> {
    const work = {
      '/ran': () => this.#ran,
      '/runs': () => Array.from(this.#storage.sql.exec('select n from runs').raw()),
      '/pausing': () => this.#pausing('kept'),
      '/undone': () => this.#pausing('undone').catch((error: Error) => error.message),
      '/nested': () => this.#nested(),
      '/bodies': () => this.#bodies(),
    }[new URL(url).pathname];
    return Response.json(await work?.());
  }

  async #bodies(): Promise<string[]> {
    const found = await this.#engine.all(select({ body: Note.c.body }).from(Note).orderBy(Note.c.id));
    return found.map(({ body }) => body);
  }

  /** A transaction that waits for what is outside of the object, while others call. */
  async #pausing(body: string): Promise<string[]> {
    const session = new Session(this.#engine);
    return session.transaction(async (tx) => {
      tx.add(new Note({ body: `${body} 1` }));
      await tx.flush();
      await pause();
      tx.add(new Note({ body: `${body} 2` }));
      await tx.flush();
      if (body === 'undone') throw new Error('changed my mind');
      return (await tx.query(Note).all()).map((note) => note.body);
    });
  }

  async #nested(): Promise<string[]> {
    const session = new Session(this.#engine);
    await session.transaction(async (tx) => {
      tx.add(new Note({ body: 'outer' }));
      const inner = tx.nested(async () => {
        tx.add(new Note({ body: 'inner' }));
        await tx.flush();
        await pause();
        throw new Error('the inner one alone');
      });
      await inner.catch(() => undefined);
      tx.add(new Note({ body: 'after' }));
    });
    return this.#bodies();
  }
}

interface Env {
  readonly NOTES: {
    idFromName(name: string): unknown;
    get(id: unknown): { fetch(request: Request): Promise<Response> };
  };
}

export default {
  fetch: (request: Request, { NOTES }: Env): Promise<Response> =>
    NOTES.get(NOTES.idFromName(new URL(request.url).hostname)).fetch(request),
};
