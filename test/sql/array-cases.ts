import {
  array,
  arrayContains,
  arrayGet,
  arrayHas,
  arrayLength,
  arrayOverlaps,
  bigint,
  boolean,
  type Condition,
  declarativeBase,
  insert,
  integer,
  isCinnabarError,
  numeric,
  plainDate,
  select,
  Session,
  text,
  timestamp,
  uuid,
} from 'cinnabar';
import { beforeAll, describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../support/database.ts';

const Model = declarativeBase();
class Note extends Model('notes', {
  id: integer().primaryKey(),
  tags: array(text().nullable()).nullable(),
  numbers: array(bigint()),
  flags: array(boolean()),
  days: array(plainDate()),
  prices: array(numeric(10, 2)),
  times: array(timestamp()),
  keys: array(uuid()),
  grid: array(array(integer().nullable())),
}) {}
const { c } = Note;

const KEY = '018f3c9e-5d7a-7c3b-8f21-3d5e7a9b1c2d';
const empty = { numbers: [], flags: [], days: [], prices: [], times: [], keys: [], grid: [] };
const rows = [
  {
    id: 1,
    tags: ['sql', 'edge', null],
    numbers: [9007199254740993n, -1n],
    flags: [true, false],
    days: ['2024-02-29'],
    prices: ['1.50', '-2.00'],
    times: [new Date('2024-02-29T23:59:59.123Z')],
    keys: [KEY],
    grid: [
      [1, null],
      [2, 3],
    ],
  },
  { id: 2, tags: [], ...empty },
  { id: 3, tags: null, ...empty, numbers: [5n] },
  { id: 4, tags: ['NULL', '{"a"}', '\\', ''], ...empty },
];

/** Arrays: their values, and what statements ask of them. */
export function arrayCases(open: OpenDriver): void {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    await db.engine.run(insert(Note).values(...rows));
  });

  test('come back as they went', async () => {
    expect(await db.engine.all(select(Note).orderBy(c.id))).toEqual(rows);
  });

  test('are compared by their members: an equal one is no change', async () => {
    const session = new Session(db.engine);
    const note = await session.get(Note, 1);
    note!.tags = ['sql', 'edge', null];
    note!.grid = [
      [1, null],
      [2, 3],
    ];
    const { calls } = await db.record(() => session.commit());
    expect(calls).toBe(0);
    note!.tags = ['edge', 'sql', null];
    await session.commit();
    expect(await db.engine.all(select({ tags: c.tags }).from(Note).where(c.id.eq(1)))).toEqual([
      { tags: ['edge', 'sql', null] },
    ]);
    note!.tags = rows[0]!.tags;
    await session.commit();
    await session.close();
  });

  describe('conditions', () => {
    test.for([
      ['a member', arrayHas(c.tags, 'sql'), [1]],
      ['a member that no array has', arrayHas(c.tags, 'none'), []],
      ['a member that looks like NULL', arrayHas(c.tags, 'NULL'), [4]],
      ['a whole number beyond 2^53', arrayHas(c.numbers, 9007199254740993n), [1]],
      ['a boolean', arrayHas(c.flags, false), [1]],
      ['a day', arrayHas(c.days, '2024-02-29'), [1]],
      ['a decimal', arrayHas(c.prices, '1.5'), [1]],
      ['an instant', arrayHas(c.times, new Date('2024-02-29T23:59:59.123Z')), [1]],
      ['a UUID in capitals', arrayHas(c.keys, KEY.toUpperCase()), [1]],
      ['all of a list', arrayContains(c.tags, ['edge', 'sql', 'sql']), [1]],
      ['all of a list, one of which is missing', arrayContains(c.tags, ['edge', 'none']), []],
      ['all of none', arrayContains(c.tags, []), [1, 2, 4]],
      ['one of a list', arrayOverlaps(c.tags, ['none', '']), [4]],
      ['one of none', arrayOverlaps(c.tags, []), []],
      ['the whole array', c.tags.eq(['sql', 'edge', null]), [1]],
      ['one of several arrays', c.numbers.in([[5n], [9007199254740993n, -1n]]), [1, 3]],
      ['a length', arrayLength(c.tags).eq(0), [2]],
      ['the length of a grid', arrayLength(c.grid).eq(2), [1]],
      ['the first member', arrayGet(c.tags, 0).eq('sql'), [1]],
      ['a member that is not there', arrayGet(c.tags, 9).isNull(), [1, 2, 3, 4]],
    ] as [string, Condition, number[]][])('%s', async ([, condition, ids]) => {
      const found = await db.engine.all(select({ id: c.id }).from(Note).where(condition).orderBy(c.id));
      expect(found.map(({ id }) => id)).toEqual(ids);
    });

    test('of NULL are NULL', async () => {
      const { tags } = c;
      const asked = {
        has: arrayHas(tags, 'a'),
        contains: arrayContains(tags, ['a']),
        overlaps: arrayOverlaps(tags, ['a']),
        length: arrayLength(tags),
        first: arrayGet(tags, 0),
      };
      expect(await db.engine.all(select(asked).from(Note).where(c.id.eq(3)))).toEqual([
        { has: null, contains: null, overlaps: null, length: null, first: null },
      ]);
    });
  });

  test.for([
    ['text for an array', { tags: 'a' }],
    ['a member of another type', { numbers: [1] }],
    ['null where a member may not be', { numbers: [null] }],
    ['a hole', { numbers: Object.assign([], { 1: 1n }) }],
    ['half of a surrogate pair', { tags: ['\ud800'] }],
    ['a grid of rows of different lengths', { grid: [[1], [1, 2]] }],
    ['a grid of empty rows', { grid: [[], []] }],
    ['a grid of one dimension', { grid: [1] }],
  ])('%s is refused before any I/O', async ([, wrong]) => {
    const { error, calls } = await db.failure(() =>
      db.engine.run(insert(Note).values({ ...rows[0]!, id: 9, ...(wrong as object) })),
    );
    expect(isCinnabarError(error, 'InvalidValueError')).toBe(true);
    expect((error as Error).message).toContain(`notes.${Object.keys(wrong as object)[0]}`);
    expect(calls).toBe(0);
  });

  test('what is no array is refused by name', () => {
    expect(() => arrayHas(c.id as never, 1 as never)).toThrow('arrayHas(): notes.id is no array()');
    expect(() => arrayHas(c.grid as never, 1 as never)).toThrow('has 2 dimensions, and must have one');
    expect(() => array(text().primaryKey())).toThrow('have a type, and no constraints');
    expect(() => array(5 as never)).toThrow('its members are a column');
  });
}
