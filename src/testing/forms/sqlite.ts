import type { Dialect } from '../../compiler/dialect.ts';
import type { Forms } from './forms.ts';

const same = (text: string): string => text;

/** The forms of SQLite and its family. */
export function sqliteForms(dialect: Dialect): Forms {
  return {
    said: (words) => ('sqlite' in words ? words.sqlite : words),
    words: {
      key: () => 'integer primary key',
      integer: () => 'integer',
      real: () => 'real',
      bytes: () => 'blob',
      int: same,
      float: same,
      blob: same,
      list: (list) => `json_each(${list})`,
      rows: (list) => `json_each(${list})`,
      kind: (value) => `typeof(${value})`,
      hex: (bytes) => `hex(${bytes})`,
      json: (text) => `json(${text})`,
      path: (document, path) => `json_extract(${document}, ${path})`,
      sum: (values) => `sum(${values})`,
      tables: (name) => `(select count(*) from sqlite_schema where name = ${name})`,
      lastKey: (table) => `(select max(id) from ${table})`,
      fail: (text) => dialect.unit.fail(text),
      lock: () => '',
      strict: () => 'strict',
      withoutRowid: () => 'without rowid',
      deferrable: () => '',
      insertOrRollback: () => 'insert or rollback',
    },
    parameter: (index) => `?${index}`,
    cell: (value) => (typeof value === 'boolean' ? Number(value) : value),
    isCell: (value) => typeof value !== 'boolean' && typeof value !== 'bigint' && value !== undefined,
    trigger: ({ name, table, on, when = 'true', act }) => {
      const statement = typeof act === 'string' ? act : `select raise(${act.how}, '${act.raise}')`;
      const event = `create trigger ${name} ${on} insert on ${table} for each row when ${when}`;
      return { make: [`${event} begin ${statement}; end`], drop: [] };
    },
    lacks: {},
  };
}
