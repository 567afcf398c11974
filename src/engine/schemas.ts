import type { Codec, Dialect } from '../compiler/dialect.ts';
import type { Driver } from '../driver/driver.ts';
import { CapabilityError, ConfigurationError } from '../errors/errors.ts';
import type { QualifiedName } from '../schema/definition.ts';
import type { SqlType } from '../types/sql-type.ts';
import { isRecord, kindOf } from '../util/brand.ts';

/** The schemas of models, and what the database has in their place. */
export type SchemaNames = Readonly<Record<string, string>>;

/**
 * The driver, where schemas that models name are others of the database: the same models on a schema for each tenant. It
 * holds for all that the library writes: statements, sessions, `createAll`, `dropAll`; not for `sql.identifier()`, nor for
 * migrations, which name what they change. Texts of statements are kept for each such driver: make one, and an engine on it,
 * for each tenant that is served, and keep them.
 *
 * @example
 * class Note extends Model('notes', { id: integer().primaryKey() }, { schema: 'tenant' }) {}
 *
 * const engine = createEngine(withSchemas(driver, { tenant: 'tenant_42' }))
 * await engine.all(select(Note))
 * // select … from "tenant_42"."notes"
 * @throws ConfigurationError for a name that is no text.
 */
export function withSchemas<I extends boolean>(driver: Driver<I>, schemas: SchemaNames): Driver<I> {
  if (!isRecord(schemas))
    throw new ConfigurationError(`withSchemas(): expected schemas by name, got ${kindOf(schemas)}`);
  const names = new Map(Object.entries(schemas as Readonly<Record<string, unknown>>));
  for (const [name, to] of names) {
    if (typeof to === 'string' && to !== '') continue;
    throw new ConfigurationError(`withSchemas(): the schema in place of '${name}' is a name, got ${kindOf(to)}`);
  }
  const named = names as ReadonlyMap<string, string>;
  // A driver says by getters what changes: they stay what they are. What is kept for its limits is not shared.
  return Object.create(Object.getPrototypeOf(driver) as object | null, {
    ...Object.getOwnPropertyDescriptors(driver),
    dialect: { value: translated(driver.dialect, named), enumerable: true },
    limits: { value: { ...driver.limits }, enumerable: true },
  }) as Driver<I>;
}

function translated(dialect: Dialect, names: ReadonlyMap<string, string>): Dialect {
  const schemaOf = (schema: string): string => names.get(schema) ?? schema;
  const moved = ({ schema, name }: QualifiedName): QualifiedName => ({ name, schema: schema && schemaOf(schema) });
  const { keys } = dialect.unit;
  const codecs = new WeakMap<SqlType, Codec>();
  return {
    ...dialect,
    quote: (name, isSchema) => dialect.quote(isSchema ? schemaOf(name) : name),
    codec: (type) => {
      let codec = codecs.get(type);
      if (!codec) codecs.set(type, (codec = dialect.codec(movedType(type, names, dialect))));
      return codec;
    },
    unit: {
      ...dialect.unit,
      // What is drawn names its table by this dialect.
      keys: keys.drawn
        ? keys
        : {
            ...keys,
            usedKey: (floor, table, add) => keys.usedKey(floor, moved(table), add),
            hasTriggers: (tables, isAny, add) => keys.hasTriggers(tables.map(moved), isAny, add),
          },
    },
  };
}

/** An enum is a type of its schema. */
function movedType(type: SqlType, names: ReadonlyMap<string, string>, dialect: Dialect): SqlType {
  const isMoved = (of: SqlType | undefined): boolean =>
    of?.enum?.schema !== undefined && names.has(of.enum.schema) && dialect.ddl.enums !== undefined;
  if (isMoved(type.array?.element))
    throw new CapabilityError(
      `withSchemas(): an array of the enum '${type.array!.element.enum!.name}' cannot be in another schema: declare the enum without a schema`,
    );
  const own = type.enum;
  return own && isMoved(type) ? { ...type, enum: { name: own.name, schema: names.get(own.schema!)! } } : type;
}
