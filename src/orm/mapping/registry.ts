import { isCinnabarError } from '../../errors/base.ts';
import { ConfigurationError } from '../../errors/errors.ts';
import type { MetaData } from '../../schema/metadata.ts';
import type { ForeignKey } from '../../schema/foreign-key.ts';
import type { TableColumn } from '../../schema/table.ts';
import { Mapper, type Link, type MappedColumn } from './mapper.ts';
import type { ModelInfo } from './model-info.ts';
import { entitySource } from './entity-source.ts';
import { adopt, resolveRelations } from './resolve.ts';

/** The models of one declarative base. */
export class Registry {
  declare readonly metadata: MetaData;
  readonly #models: ModelInfo[] = [];
  #configured = 0;
  /** Those that relations follow. */
  #links: ReadonlyMap<ForeignKey, Link> = new Map();

  constructor(metadata: MetaData) {
    this.metadata = metadata;
    metadata.complete = () => {
      if (this.stale) this.configure();
    };
  }

  add(info: ModelInfo): void {
    this.#models.push(info);
  }

  /** Whether models were declared since the last configuration. */
  get stale(): boolean {
    return this.#configured < this.#models.length;
  }

  /** The newest model of a table. */
  ofTable(name: string): ModelInfo | undefined {
    return this.#models.findLast((info) => info.table.name === name && info.base?.table !== info.table);
  }

  /** Resolves the models declared so far, all together: every mistake is in one error, once. */
  configure(): void {
    const models = this.#models.slice(this.#configured);
    const problems: string[] = [];
    const attempt = (work: () => void): void => {
      try {
        work();
      } catch (error) {
        if (!isCinnabarError(error, 'ConfigurationError')) throw error;
        if (!problems.includes(error.message)) problems.push(error.message);
      }
    };
    for (const info of models) {
      if (!info.mapper) attempt(() => (info.mapper = makeMapper(info)));
    }
    const links = new Map(this.#links);
    const relations = models.map((info) => (info.mapper ? resolveRelations(info, links, attempt) : []));
    if (problems.length > 0) {
      for (const info of models) info.mapper = undefined;
      throw new ConfigurationError(
        problems.length === 1 ? problems[0]! : `${problems.length} mistakes in the models:\n- ${problems.join('\n- ')}`,
      );
    }
    const mappers = models.map((info) => info.mapper!);
    for (const mapper of mappers) mapper.base?.extendBy(mapper);
    mappers.forEach((mapper, at) => adopt(mapper, relations[at]!));
    this.#links = links;
    this.#configured = this.#models.length;
  }
}

const RESERVED: ReadonlySet<string> = new Set(['then', 'constructor', 'toJSON', '__proto__']);

function makeMapper(info: ModelInfo): Mapper {
  const base = info.base && info.base.mapper;
  if (info.base && !base) throw new ConfigurationError(`${info.name}: its base '${info.base.name}' is not configured`);
  const inherited = base?.columns ?? [];
  const own = [...info.columns].map(([attribute, column], at) => mapColumn(attribute, column, inherited.length + at));
  const columns = [...inherited, ...own];
  for (const name of [...info.columns.keys(), ...info.relations.keys()]) checkName(info, name, inherited, base);
  if (!base && info.table.primaryKey.length === 0) {
    throw new ConfigurationError(`${info.name} has no primary key: give one column .primaryKey()`);
  }
  checkVersion(info, columns);
  const fixed = new Map(base?.fixed);
  for (const [attribute, value] of Object.entries(info.rows))
    fixed.set(fixedColumn(info, attribute, value, columns, base), value);
  return new Mapper({
    class: info.class,
    table: info.table,
    base,
    heritage: info.heritage,
    columns,
    fixed,
    abstract: info.abstract,
    source: entitySource(info, columns, () => info.mapper!),
  });
}

function checkVersion(info: ModelInfo, columns: readonly MappedColumn[]): void {
  const version = columns.find((mapped) => mapped.column.spec.version);
  if (!version) return;
  const { next, fetched } = version.column.spec;
  if (next || fetched || ['integer', 'uuid', 'timestamp'].includes(version.type.kind)) return;
  throw new ConfigurationError(
    `${info.name}.${version.attribute}: a version() is an integer(), a uuid() or a timestamp(); of another type say how the next is made: version((previous) => …)`,
  );
}

function mapColumn(attribute: string, column: TableColumn, index: number): MappedColumn {
  const { hidden, guard } = column.spec;
  return { attribute, column, type: column.type, index, hidden, plain: !hidden && !guard };
}

function checkName(info: ModelInfo, name: string, inherited: readonly MappedColumn[], base: Mapper | undefined): void {
  if (RESERVED.has(name))
    throw new ConfigurationError(`${info.name}.${name}: the name is reserved; choose another and .named()`);
  if (inherited.some((mapped) => mapped.attribute === name) || base?.relations.has(name)) {
    throw new ConfigurationError(`${info.name}.${name}: its base has an attribute of that name`);
  }
}

function fixedColumn(
  info: ModelInfo,
  attribute: string,
  value: unknown,
  columns: readonly MappedColumn[],
  base: Mapper | undefined,
): MappedColumn {
  const mapped = columns.find((column) => column.attribute === attribute);
  if (!mapped)
    throw new ConfigurationError(`extend(): '${info.name}' is told by '${attribute}', which its base has not`);
  for (let above = base; above; above = above.base) {
    if (above.fixed.get(mapped) !== value) continue;
    throw new ConfigurationError(`extend(): '${attribute}' tells the rows of ${above.name} by the same value`);
  }
  const expected = mapped.type.check(value);
  if (expected) throw new ConfigurationError(`extend(): ${info.name}.${attribute}: expected ${expected}`);
  return mapped;
}
