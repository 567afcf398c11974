import type { Connection, Reply, Step } from '../postgres-shared/wire.ts';

type Codecs = Readonly<Record<number | string, (value: string) => string>>;

/** How a statement's values travel: as text, both ways. */
interface QueryOptions {
  readonly rowMode: 'array';
  readonly parsers: Codecs;
  readonly serializers: Codecs;
}

interface Results {
  readonly rows: unknown[];
  readonly command?: string;
  readonly affectedRows?: number;
}

/** What the driver uses of a transaction of PGlite. */
interface PgliteTransaction {
  query(text: string, params: unknown[], options: QueryOptions): Promise<Results>;
  exec(text: string, options: QueryOptions): Promise<Results[]>;
  rollback(): Promise<void>;
}

/** What the driver uses of a `PGlite`, or of a `PGliteWorker`. */
export interface PgliteDatabase {
  readonly parsers: Readonly<Record<number | string, unknown>>;
  readonly serializers: Readonly<Record<number | string, unknown>>;
  query(text: string, params: unknown[], options: QueryOptions): Promise<Results>;
  transaction(work: (tx: PgliteTransaction) => Promise<void>): Promise<unknown>;
  syncToFs(): Promise<void>;
}

/** A transaction under way, in which the database lets nobody else do anything. */
interface Open {
  readonly tx: PgliteTransaction;
  /** Lets PGlite end the transaction: by COMMIT, which is nothing where it has ended already. */
  readonly end: () => Promise<void>;
}

const asItIs = (value: string): string => value;
const textFor = (known: object): Codecs => Object.fromEntries(Object.keys(known).map((type) => [type, asItIs]));

/** The connection of a database in the process, for one unit or transaction. What is asked of it is done in order. */
export class PgliteConnection implements Connection {
  readonly pipelined = true;
  readonly #database: PgliteDatabase;
  readonly #options: QueryOptions;
  readonly #pass: () => void;
  #last: Promise<unknown> = Promise.resolve();
  #open: Open | undefined;

  constructor(database: PgliteDatabase, pass: () => void) {
    this.#database = database;
    this.#pass = pass;
    // It knows types by number alone, and those that a program made are known only once it has.
    const { parsers, serializers } = database;
    this.#options = { rowMode: 'array', parsers: textFor(parsers), serializers: textFor(serializers) };
  }

  query(step: Step): Promise<Reply> {
    const reply = this.#last.then(() => this.#run(step));
    this.#last = reply.catch(() => undefined);
    return reply;
  }

  /** What is still under way is waited for: the connection cannot be ended. */
  release(): void {
    const rest = this.#last.then(() => this.#open && this.#rollback(this.#open));
    rest.catch(() => undefined).finally(this.#pass);
  }

  async #run({ text, params }: Step): Promise<Reply> {
    const open = this.#open;
    if (!open && text.startsWith('begin')) return this.#begin(text.slice('begin'.length));
    if (open && text === 'rollback') return this.#rollback(open);
    if (open && text === 'commit') return this.#commit(open);
    return toReply(await (open?.tx ?? this.#database).query(text, [...params], this.#options));
  }

  /** PGlite writes BEGIN by itself; what the transaction is told beside follows. */
  async #begin(told: string): Promise<Reply> {
    const { promise: ended, resolve: letEnd } = Promise.withResolvers<void>();
    let transaction: Promise<unknown> = Promise.resolve();
    const tx = await new Promise<PgliteTransaction>((resolve, reject) => {
      transaction = this.#database.transaction(async (begun) => {
        resolve(begun);
        await ended;
      });
      transaction.catch(reject);
    });
    const end = async (): Promise<void> => {
      this.#open = undefined;
      letEnd();
      await transaction;
    };
    this.#open = { tx, end };
    const text = told.replace(/^ (?=\w)/, 'set transaction ').replace(/^; /, '');
    const results = text === '' ? [] : await tx.exec(text, this.#options);
    return toReply(results.at(-1) ?? { rows: [], command: 'BEGIN' });
  }

  /** A transaction that has failed answers ROLLBACK. */
  async #commit({ tx, end }: Open): Promise<Reply> {
    try {
      return toReply(await tx.query('commit', [], this.#options));
    } finally {
      await end();
      // Within a transaction PGlite puts this off, and does not catch up.
      await this.#database.syncToFs();
    }
  }

  async #rollback({ tx, end }: Open): Promise<Reply> {
    await tx.rollback();
    await end();
    return { rows: [], changes: 0, command: 'ROLLBACK' };
  }
}

function toReply({ rows, command = '', affectedRows = 0 }: Results): Reply {
  return { rows: rows as (string | null)[][], changes: affectedRows, command };
}
