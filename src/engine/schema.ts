import { createTable, dropTable, indexName } from '../compiler/ddl.ts';
import type { MetaData } from '../schema/metadata.ts';
import type { Table } from '../schema/table.ts';
import { ConfigurationError } from '../errors/errors.ts';
import { coreOf, type Engine } from './engine.ts';

/**
 * Creates the tables that are not there yet, with their indexes, those referred to first, as one unit.
 *
 * @example
 * await createAll(engine, Model.metadata)
 */
export async function createAll(engine: Engine, metadata: MetaData): Promise<void> {
  const { driver } = coreOf(engine);
  const groups = metadata.sorted();
  const cycle = groups.find((group) => group.length > 1);
  if (cycle && !driver.dialect.forwardReferences) {
    throw new ConfigurationError(`tables that refer to each other: ${cycle.map((table) => table.name).join(', ')}`);
  }
  assertIndexNames(groups.flat());
  await run(
    engine,
    groups.flat().flatMap((table) => createTable(table, driver.dialect)),
  );
}

/** `create index if not exists` would leave out the second of two with one name, and say nothing. */
function assertIndexNames(tables: readonly Table[]): void {
  const owners = new Map<string, Table>();
  for (const table of tables) {
    for (const index of table.indexes) {
      const name = indexName(table, index);
      const other = owners.get(name.toLowerCase());
      if (other) {
        throw new ConfigurationError(
          `two indexes are named '${name}' (of '${other.name}' and '${table.name}'): give one a name with .named()`,
        );
      }
      owners.set(name.toLowerCase(), table);
    }
  }
}

/** Drops the tables that are there, those that refer to others first, as one unit. */
export async function dropAll(engine: Engine, metadata: MetaData): Promise<void> {
  const { dialect } = coreOf(engine).driver;
  const groups = metadata.sorted();
  const drops = groups
    .flat()
    .toReversed()
    .map((table) => dropTable(table, dialect));
  const defer = groups.some((group) => group.length > 1) && dialect.deferForeignKeys;
  await run(engine, defer ? [defer, ...drops] : drops);
}

async function run(engine: Engine, texts: readonly string[]): Promise<void> {
  if (texts.length === 0) return;
  await coreOf(engine).execute({ statements: texts.map((sql) => ({ sql, params: [] })), mode: 'write' });
}
