import {
  apart,
  data,
  execute,
  reverse,
  revision,
  variant,
  type Operation,
  type Revision,
  type RevisionStep,
} from 'cinnabar/migrate';

/** Takes a revision to be applied once: what is done twice, or taken back twice, shows. */
const counted = (by: number): RevisionStep => execute(`update counters set n = n + ${by}`);

const texts = { uniques: [], foreignKeys: [], checks: [], indexes: [] };

/** Operations of every kind of cost, by turns: native ones, a rebuild with children, indexes. */
function operations(at: number): readonly Operation[] {
  const table = { name: `t${Math.floor(at / 5)}` };
  const kinds: readonly (readonly Operation[])[] = [
    [
      {
        kind: 'createTable',
        table: {
          ...table,
          columns: [
            { name: 'id', type: 'integer', nullable: false },
            { name: 'parent_id', type: 'integer', nullable: true },
            { name: 'name', type: 'text', nullable: true },
          ],
          primaryKey: { name: `pk_${table.name}`, columns: ['id'] },
          ...texts,
          foreignKeys: [
            {
              name: `fk_${table.name}`,
              columns: ['parent_id'],
              target: table,
              references: ['id'],
              onDelete: 'cascade',
            },
          ],
        },
      },
    ],
    [{ kind: 'addColumn', table, column: { name: 'note', type: 'text', nullable: true } }],
    [
      {
        kind: 'addConstraint',
        table,
        constraint: { kind: 'unique', name: `uq_${table.name}_name`, columns: ['name'] },
      },
    ],
    [{ kind: 'renameColumn', table, column: 'note', to: 'remark' }],
    [{ kind: 'createIndex', table, index: { name: `ix_${table.name}_remark`, on: [{ column: 'remark' }] } }],
  ];
  return kinds[at % kinds.length]!;
}

const fill = (at: number): RevisionStep =>
  execute(
    `insert into t${Math.floor(at / 5)} (id, parent_id, name) values (${at * 10}, null, 'n${at}'), (${at * 10 + 1}, ${at * 10}, 'm${at}')`,
  );
const empty = (at: number): RevisionStep =>
  execute(`delete from t${Math.floor(at / 5)} where id in (${at * 10}, ${at * 10 + 1})`);

/** Reads what is there, and writes what follows from it. */
const tally = (at: number): RevisionStep =>
  data(`tally ${at}`, async (db) => {
    const [row] = await db.rows('select n from counters');
    await db.execute(`insert into tallies (at, n) values (${at}, ${Number(row![0])})`);
    await db.execute('update counters set n = n + 1000');
  });
const untally = (at: number): RevisionStep =>
  execute(`delete from tallies where at = ${at}; update counters set n = n - 1000`);

/** What no transaction takes, where the database has such a thing. */
const concurrently = (at: number): readonly RevisionStep[] => [
  variant({
    postgres: [
      apart(`create index concurrently by_n_${at} on tallies (n)`, {
        done: `select coalesce((select indisvalid from pg_index where indexrelid = to_regclass('by_n_${at}')), false)`,
        clean: `drop index concurrently if exists by_n_${at}`,
      }),
    ],
    sqlite: [execute(`create index by_n_${at} on tallies (n)`)],
  }),
];
const unindexed = (at: number): RevisionStep => execute(`drop index by_n_${at}`);

/** So many revisions, each of which counts itself. */
export function faultyRevisions(count: number): readonly Revision[] {
  const first = revision({
    id: 'm0',
    up: [
      execute('create table counters (n integer not null); insert into counters values (0)'),
      execute('create table tallies (at integer primary key, n integer not null)'),
    ],
    down: [execute('drop table tallies; drop table counters')],
  });
  const others = Array.from({ length: count - 1 }, (_, at) => {
    const own = operations(at);
    const isTable = at % 5 === 0;
    return revision({
      id: `m${at + 1}`,
      parents: [`m${at}`],
      consent: [`t${Math.floor(at / 5)}.uq_t${Math.floor(at / 5)}_name`],
      up: [
        counted(1),
        ...own,
        ...(isTable ? [fill(at)] : []),
        ...(at % 3 === 1 ? [tally(at)] : []),
        ...(at % 7 === 2 ? concurrently(at) : []),
        counted(1),
      ],
      down: [
        counted(-1),
        ...(at % 7 === 2 ? [unindexed(at)] : []),
        ...(at % 3 === 1 ? [untally(at)] : []),
        ...(isTable ? [empty(at)] : []),
        ...reverse(own),
        counted(-1),
      ],
    });
  });
  return [first, ...others];
}
