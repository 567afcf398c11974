import {
  createAll,
  createEngine,
  insert,
  integer,
  isCinnabarError,
  Session,
  type Driver,
  type Engine,
} from '../../src/index.ts';
import { clear, type Raw } from '../support/raw.ts';
import { family, keysByToken, TABLE_OF, wrongLinks, type Family } from './model.ts';

export const WRITERS = 8;
const PARENTS = 20;
const CHILDREN = 3;

/** Tables under writers that race. */
export interface Arena {
  readonly family: Family;
  readonly prefix: string;
  /** SQL once the tables are there. */
  readonly given: readonly string[];
}

const echo = (prefix: string): string => `insert into ${prefix}parents (token) values ('echo' || hex(randomblob(8)))`;

export function arena(prefix: string, given: readonly string[] = []): Arena {
  return { family: family(integer, prefix), prefix, given };
}

const arenas = {
  plain: arena('plain_'),
  logged: arena('logged_', [
    'create table log (id integer primary key, token text)',
    'create trigger logging after insert on logged_parents begin insert into log (token) values (new.token); end',
  ]),
  doubled: arena('doubled_', [
    `create trigger doubling after insert on doubled_parents when new.token like '%.1.%/p7' begin ${echo('doubled_')}; end`,
  ]),
  echoed: arena('echoed_', [
    `create trigger echoing after insert on echoed_children when new.token like '%.1.%/p7/c1' begin ${echo('echoed_')}; end`,
  ]),
  ignored: arena('ignored_', [
    `create trigger ignoring before insert on ignored_children when new.token like '%.1.%/p7/c1' begin select raise(ignore); end`,
  ]),
  counted: arena('counted_', [
    'drop table counted_parents',
    'create table counted_parents (id integer primary key autoincrement, token text not null unique, boss_token text, boss_id integer references counted_parents (id))',
    `insert into counted_parents (id, token) values (5000, 'gone')`,
    'delete from counted_parents',
  ]),
  crowded: arena('crowded_', [
    `insert into crowded_parents (id, token) values (-9000000000000000, 'low'), (8000000000000000, 'high')`,
  ]),
} satisfies Record<string, Arena>;

/** One way to write a graph of twenty parents. */
export interface Kind {
  readonly name: string;
  readonly arena: Arena;
  /** Whether a trigger may make the database refuse every unit of the kind. */
  readonly isRefused?: true;
  /** Adds to the graph, or does something beside it. */
  readonly twist?: (attempt: Attempt) => Promise<void> | void;
}

/** What the writers of one family of databases do. */
export type Kinds = readonly Kind[];

export const sqliteKinds: Kinds = [
  { name: 'keys made by the database', arena: arenas.plain },
  { name: 'a quarter of the keys given', arena: arenas.plain, twist: giveKeys },
  { name: 'self-references', arena: arenas.plain, twist: referToSelf },
  { name: 'an upsert beside', arena: arenas.plain, twist: upsertBeside },
  { name: 'the last row deleted in the same unit', arena: arenas.plain, twist: deleteLast },
  { name: 'rows that need each other', arena: arenas.plain, twist: pairUp },
  { name: 'a trigger that writes a log', arena: arenas.logged },
  { name: 'a trigger that inserts into the same table', arena: arenas.doubled },
  { name: "a trigger that inserts a parent at a child's insert", arena: arenas.echoed, isRefused: true },
  { name: 'a trigger that ignores a row', arena: arenas.ignored },
  { name: 'an autoincrement table', arena: arenas.counted, twist: referToSelf },
  { name: 'huge and negative keys', arena: arenas.crowded, twist: giveKeys },
];

type Parent = InstanceType<Family['Parent']>;

/** A unit that a writer tries to commit. */
interface Attempt {
  readonly token: string;
  readonly writer: number;
  readonly family: Family;
  readonly engine: Engine;
  readonly session: Session;
  /** Counts that another writer held the database. */
  readonly busy: () => void;
  readonly parents: Parent[];
  /** What runs at the same time as the commit. */
  readonly beside: (() => Promise<unknown>)[];
}

/** What was to be written by one unit, and whether it was: plain data, which a thread can send. */
export interface Unit {
  readonly kind: string;
  readonly token: string;
  /** Why it was given up. */
  readonly refusal?: { readonly code: string; readonly outcome: string };
  /** Keys in memory, by table and token. */
  readonly keys: readonly (readonly [name: string, key: string])[];
  /** How often another writer held the database. */
  readonly waits: number;
}

// ── the twists

/** Some collide with keys that the database made: then the unit is refused, and the same objects are tried with others. */
export function giveKeys({ parents, writer }: Attempt): void {
  for (const [at, parent] of parents.entries()) {
    if (at % 4 === 1) parent.id = at === 1 ? -nextKey(writer) : nextKey(writer);
  }
}

let given = 0;
function nextKey(writer: number): number {
  given += 1;
  return given * WRITERS + writer + 1;
}

export function referToSelf({ parents }: Attempt): void {
  for (const [at, parent] of parents.entries()) {
    const boss = parents[(at * 7 + 3) % parents.length]!;
    parent.bossToken = boss.token;
    parent.boss.set(boss);
  }
}

export function upsertBeside({ engine, family: { Parent }, token, beside }: Attempt): void {
  for (const name of [`upsert/${token}`, 'upsert/shared', 'upsert/shared']) {
    beside.push(() =>
      engine.run(
        insert(Parent)
          .values({ token: name })
          .onConflict('token')
          .update(() => ({ bossToken: null })),
      ),
    );
  }
}

export async function deleteLast({ session, busy, family: { Parent }, token }: Attempt): Promise<void> {
  const last = new Parent({ token: `bait/${token}` });
  session.add(last);
  await persist(() => session.commit(), busy);
  session.delete(last);
}

export function pairUp({ session, family: { Left, Right }, token }: Attempt): void {
  for (let at = 0; at < 3; at++) {
    const left = new Left({ token: `${token}/x${at}` });
    left.right.set(new Right({ token: left.token, left }));
    session.add(left);
  }
}

// ── the writers

/** Tries again while another writer holds the database, and with other keys where some were taken. */
async function persist(work: () => Promise<unknown>, busy: () => void, taken?: () => unknown): Promise<void> {
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      if (!isCinnabarError(error)) throw error;
      if (error.code === 'UniqueViolation' && taken && error.outcome === 'not committed') await taken();
      else if (!error.retryable || error.outcome === 'unknown') throw error;
      else busy();
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
    }
  }
}

function build({ family: { Parent, Child, Note }, token, parents }: Attempt): void {
  for (let at = 0; at < PARENTS; at++) {
    const name = `${token}/p${at}`;
    const child = (each: number) => new Child({ token: `${name}/c${each}`, parentToken: name });
    const notes = at % 5 === 0 ? [new Note({ token: `${name}/n`, parentToken: name })] : [];
    parents.push(
      new Parent({ token: name, children: Array.from({ length: CHILDREN }, (_, each) => child(each)), notes }),
    );
  }
}

async function write(kind: Kind, writer: number, token: string, engine: Engine, onBusy: () => void): Promise<Unit> {
  const session = new Session(engine);
  let waits = 0;
  const busy = (): void => {
    waits += 1;
    onBusy();
  };
  const attempt: Attempt = { token, writer, family: kind.arena.family, engine, session, busy, parents: [], beside: [] };
  build(attempt);
  await kind.twist?.(attempt);
  session.addAll(attempt.parents);
  const again = kind.twist === giveKeys ? () => giveKeys(attempt) : undefined;
  const [ended] = await Promise.allSettled([
    persist(() => session.commit(), busy, again),
    ...attempt.beside.map((work) => persist(work, busy)),
  ]);
  const keys: [string, string][] = [];
  if (ended.status === 'rejected') {
    if (!isCinnabarError(ended.reason)) throw ended.reason;
    const { code, outcome } = ended.reason;
    await session.close();
    return { kind: kind.name, token, keys, waits, refusal: { code, outcome } };
  }
  for (const parent of attempt.parents) {
    for (const entity of [parent, ...(parent.children.peek() ?? []), ...(parent.notes.peek() ?? [])]) {
      keys.push([`${TABLE_OF[entity.constructor.name]} ${entity.token}`, String(entity.id)]);
    }
  }
  await session.close();
  return { kind: kind.name, token, keys, waits };
}

/** What plain SQL found of all that was written in one way. */
export interface Judged {
  readonly kind: string;
  readonly committed: number;
  readonly refused: number;
  /** Codes and outcomes of the refusals. */
  readonly refusals: readonly string[];
  /** How often a writer was told to wait for another, and tried again. */
  readonly waits: number;
  readonly links: number;
  readonly wrongLinks: number;
  /** Rows that a commit acknowledged, and that are not there, or have another key than in memory. */
  readonly lost: number;
  /** Rows that are there of a unit that was refused. */
  readonly ghosts: number;
  /** Refusals of which it is not known that nothing was written. */
  readonly doubtful: number;
}

/** How many rounds of all kinds make that many links. */
export function roundsFor(links: number, kinds: Kinds = sqliteKinds): number {
  const sure = kinds.filter(({ isRefused }) => !isRefused).length;
  return Math.max(2, Math.ceil(links / (WRITERS * sure * PARENTS * CHILDREN)));
}

/** Drops what is there, and makes the tables and triggers of all arenas. */
export async function setUp(driver: Driver, raw: Raw, kinds: Kinds = sqliteKinds): Promise<void> {
  await clear(raw);
  for (const { family, given } of arenasOf(kinds)) {
    await createAll(createEngine(driver), family.Model.metadata);
    await raw.run(given);
  }
}

/**
 * All that one writer does: every kind of unit, round after round.
 *
 * @param onBusy called where another writer held the database, before the next try.
 */
export async function runWriter(
  driver: Driver,
  writer: number,
  rounds: number,
  onBusy: () => void = () => {},
  kinds: Kinds = sqliteKinds,
): Promise<Unit[]> {
  const engine = createEngine(driver);
  const units: Unit[] = [];
  for (let round = 0; round < rounds; round++) {
    for (let at = 0; at < kinds.length; at++) {
      // Each starts elsewhere, so that any two kinds meet.
      const kind = kinds[(at + writer) % kinds.length]!;
      units.push(await write(kind, writer, `w${writer}.${round}.${at}`, engine, onBusy));
    }
  }
  return units;
}

/** Eight writers in one thread, each with a driver of its own. */
export async function race(
  open: (writer: number) => Driver,
  raw: Raw,
  links: number,
  kinds: Kinds = sqliteKinds,
): Promise<Judged[]> {
  await setUp(open(-1), raw, kinds);
  const rounds = roundsFor(links, kinds);
  const writers = Array.from({ length: WRITERS }, (_, at) => runWriter(open(at), at, rounds, undefined, kinds));
  return judge((await Promise.all(writers)).flat(), raw, kinds);
}

function arenasOf(kinds: Kinds): Set<Arena> {
  return new Set(kinds.map(({ arena }) => arena));
}

export async function judge(units: readonly Unit[], raw: Raw, kinds: Kinds = sqliteKinds): Promise<Judged[]> {
  const found = new Map<Arena, { keys: Map<string, string>; wrong: string[] }>();
  for (const each of arenasOf(kinds)) {
    const wrong = (await wrongLinks(raw, each.prefix)).map(String);
    found.set(each, { keys: await keysByToken(raw, each.prefix), wrong });
  }
  return kinds.map((kind) => {
    const { keys, wrong } = found.get(kind.arena)!;
    const own = units.filter((unit) => unit.kind === kind.name);
    const refused = own.filter(({ refusal }) => refusal);
    const tokens = new Set(own.map(({ token }) => token));
    const unitOf = (token: string): string => token.split('/').find((part) => tokens.has(part)) ?? '';
    const rows = [...keys.keys()].map((name) => name.split(' ') as [table: string, token: string]);
    const gone = new Set(refused.map(({ token }) => token));
    const acknowledged = own.flatMap((unit) => unit.keys);
    return {
      kind: kind.name,
      committed: own.length - refused.length,
      refused: refused.length,
      refusals: [...new Set(refused.map(({ refusal }) => `${refusal!.code}, ${refusal!.outcome}`))],
      waits: own.reduce((sum, { waits }) => sum + waits, 0),
      links: rows.filter(([table, token]) => table !== 'parents' && unitOf(token) !== '').length,
      wrongLinks: wrong.filter((token) => unitOf(token) !== '').length,
      lost: acknowledged.filter(([name, key]) => keys.get(name) !== key).length,
      ghosts: rows.filter(([, token]) => gone.has(unitOf(token)) || (token.startsWith('bait/') && unitOf(token)))
        .length,
      doubtful: refused.filter(({ refusal }) => !refusal!.outcome.startsWith('not ')).length,
    };
  });
}

/** What must not be. */
export function faultsOf(judged: readonly Judged[], links: number): string[] {
  const faults = judged.flatMap((each) => {
    const bad = (['wrongLinks', 'lost', 'ghosts', 'doubtful'] as const).filter((what) => each[what] > 0);
    // Only a trigger is a reason to refuse.
    const strange = each.refused > 0 && !each.kind.startsWith('a trigger') ? (['refused'] as const) : [];
    return [...bad, ...strange].map((what) => `${each.kind}: ${what} ${each[what]}`);
  });
  const sum = judged.reduce((total, each) => total + each.links, 0);
  return sum < links ? [...faults, `${sum} links instead of ${links}`] : faults;
}
