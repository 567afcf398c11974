import { createAll, createEngine, type Driver, type Entity, isCinnabarError, Session } from 'cinnabar';
import { clear, expectSame, type Raw } from '../../bench/support/raw.ts';
import { coreOf } from '../../src/engine/engine.ts';
import { type Family, keysByToken, TABLE_OF, wrongLinks } from '../../bench/keys/model.ts';
import { type KeyCase, moreParents } from './key-cases.ts';

export interface Verdict {
  readonly ended: 'committed' | 'refused';
  /** Code and outcome of the refusal. */
  readonly why?: string;
}

/** How the work of a case is written. */
export type Way = 'committed' | 'committed, keys noted' | 'in a transaction' | 'flushed, and again';

export const WAYS: readonly Way[] = ['committed', 'committed, keys noted', 'in a transaction', 'flushed, and again'];

/** Runs a case on a database of its own, and rejects unless the commit was right, or left nothing. */
export async function runKeyCase(
  { family, given, when, ends }: KeyCase,
  driver: Driver,
  raw: Raw,
  way: Way,
): Promise<Verdict> {
  const engine = createEngine(driver);
  // As an engine does that has met a trigger.
  coreOf(engine).keepsKeys = way === 'committed, keys noted';
  await clear(raw);
  await createAll(engine, family.Model.metadata);
  await raw.run(given ?? []);
  const before = await keysByToken(raw);
  const session = new WatchedSession(engine);
  const verdict = await write(session, way, family, when).then(
    (): Verdict => ({ ended: 'committed' }),
    (error: unknown): Verdict => {
      if (!isCinnabarError(error)) throw error;
      return { ended: 'refused', why: `${error.code}, ${error.outcome}: ${error.message}` };
    },
  );
  if (verdict.ended === 'committed') {
    expectSame('wrong links', await wrongLinks(raw), []);
    await expectMemory(session, await keysByToken(raw));
  } else if (ends !== 'doubtful') {
    expectSame('rows after a refusal', [...(await keysByToken(raw))], [...before]);
    if (!/, not (?:committed|sent):/.test(verdict.why!)) throw new Error(`the outcome is not known: ${verdict.why}`);
  }
  await session.close();
  const isRight = ends === 'either' || verdict.ended === (ends === 'doubtful' ? 'refused' : ends);
  if (!isRight) throw new Error(`${verdict.ended}: ${verdict.why}`);
  return verdict;
}

async function write(session: Session, way: Way, family: Family, when: KeyCase['when']): Promise<void> {
  if (way === 'committed' || way === 'committed, keys noted') {
    await when(session, family);
    return session.commit();
  }
  await (session as Session<true>).transaction(async (transaction) => {
    await when(session, family);
    if (way === 'in a transaction') return;
    await transaction.flush();
    session.addAll(moreParents(family));
  });
}

/** Every entity that was new has the key that its row has. */
async function expectMemory(session: WatchedSession, keys: Map<string, string>): Promise<void> {
  const entities = [...session.seen].map((entity) => entity as Entity & { id: unknown; token: string });
  expectSame(
    'keys in memory',
    entities.map(({ token, id }) => [token, String(id)]),
    entities.map((entity) => [entity.token, keys.get(`${TABLE_OF[entity.constructor.name]} ${entity.token}`)]),
  );
}

/** Remembers what was put into it: a query would bring a key that is wrong in memory into step with the row. */
class WatchedSession extends Session {
  readonly seen = new Set<Entity>();

  override add(entity: Entity): void {
    super.add(entity);
    this.#see(entity);
  }

  override addAll(entities: Iterable<Entity>): void {
    for (const entity of entities) this.add(entity);
  }

  #see(entity: Entity): void {
    if (this.seen.has(entity)) return;
    this.seen.add(entity);
    for (const name of ['children', 'notes', 'left', 'right', 'boss']) {
      const relation = Reflect.get(entity, name) as { peek(): Entity | Entity[] | null | undefined } | undefined;
      for (const next of [relation?.peek() ?? []].flat()) this.#see(next);
    }
  }
}
