import { isCinnabarError } from '../../errors/base.ts';
import type { ColumnSpec, Issue } from '../../schema/column.ts';
import type { StandardSchema, Validated } from '../../schema/columns.ts';
import type { AnyModel, InstanceOf } from '../../sql/model.ts';
import type { Changes, NewValues } from '../../sql/plain.ts';
import { isRecord, kindOf } from '../../util/brand.ts';
import type { MappedColumn, Mapper } from '../mapping/mapper.ts';
import { infoOf, mapperOf } from '../mapping/model-info.ts';
import { guarding } from '../state/guarding.ts';

/** A Standard Schema that answers at once. */
export interface ModelSchema<V> extends StandardSchema<V, V> {
  readonly '~standard': Omit<StandardSchema<V, V>['~standard'], 'validate'> & {
    readonly validate: (value: unknown) => Validated<V>;
  };
}

/**
 * What a new row of a model takes, as a Standard Schema: for forms, routes and queues. Types, lengths, labels, nullability
 * and the rules of `validate()`; names that are no column are refused, so is what the database computes. Dates are `Date`s:
 * it reads values, not JSON.
 *
 * @example
 * const result = insertSchema(User)['~standard'].validate(await request.json())
 * if (result.issues) return Response.json(result.issues, { status: 400 })
 * session.add(new User(result.value))
 */
export function insertSchema<C extends AnyModel>(model: C): ModelSchema<NewValues<InstanceOf<C>>> {
  return schemaOf(model, 'insertSchema()', isNeeded) as ModelSchema<NewValues<InstanceOf<C>>>;
}

/** The same for changes: nothing is needed. Rules over several attributes are left to the commit, which knows them all. */
export function updateSchema<C extends AnyModel>(model: C): ModelSchema<Changes<InstanceOf<C>>> {
  return schemaOf(model, 'updateSchema()', undefined) as ModelSchema<Changes<InstanceOf<C>>>;
}

type Needed = (mapped: MappedColumn, mapper: Mapper) => boolean;

function schemaOf(model: unknown, where: string, needed: Needed | undefined): ModelSchema<unknown> {
  infoOf(model, where);
  return {
    '~standard': {
      version: 1,
      vendor: 'cinnabar',
      // Asking for the mapper is a first use: not before there is a value.
      validate: (value) => check(mapperOf(model, where), value, needed),
    },
  };
}

function check(mapper: Mapper, given: unknown, needed: Needed | undefined): Validated<unknown> {
  if (!isRecord(given)) return { issues: [{ message: `expected an object of attributes, got ${kindOf(given)}` }] };
  const { embedded } = mapper.source;
  const spread = embedded ? spreadOf(embedded, given, mapper) : { value: given };
  if (spread.issues) return spread;
  const { issues, value } = checkColumns(mapper, spread.value, needed);
  if (needed && issues.length === 0) issues.push(...(guarding.judge?.(mapper, value) ?? []));
  if (issues.length > 0) return { issues };
  return { value: embedded ? embedded.nest(value) : value };
}

/** Names that are no column, and the columns one by one. */
function checkColumns(
  mapper: Mapper,
  given: Readonly<Record<string, unknown>>,
  needed: Needed | undefined,
): { issues: Issue[]; value: Record<string, unknown> } {
  const issues: Issue[] = Object.keys(given)
    .filter((name) => !mapper.column(name))
    .map((name) => ({ message: strangerOf(mapper, name), path: [name] }));
  const value: Record<string, unknown> = {};
  for (const mapped of mapper.columns) {
    const { attribute } = mapped;
    const own = Object.hasOwn(given, attribute) ? given[attribute] : undefined;
    const found = own === undefined ? leftOut(mapper, mapped, needed) : checkOne(mapper, mapped, own);
    if (found.issues) issues.push(...found.issues.map((issue) => within(mapped, issue)));
    else if (found.value !== undefined) value[attribute] = found.value;
  }
  return { issues, value };
}

/** The parts of embedded values, or what is wrong with one. */
function spreadOf(
  embedded: NonNullable<Mapper['source']['embedded']>,
  whole: object,
  { name }: Mapper,
): Validated<Readonly<Record<string, unknown>>> {
  try {
    return { value: embedded.spread(whole, name) };
  } catch (error) {
    if (!isCinnabarError(error, 'InvalidValueError')) throw error;
    return {
      issues: [{ message: error.message.slice(error.message.indexOf(': ') + 2), path: error.attributes ?? [] }],
    };
  }
}

function leftOut(mapper: Mapper, mapped: MappedColumn, needed: Needed | undefined): ReturnType<Judge> {
  if (!needed) return { value: undefined };
  if (mapper.fixed.has(mapped)) return { value: mapper.fixed.get(mapped) };
  return needed(mapped, mapper) ? { issues: [{ message: 'is needed' }] } : { value: undefined };
}

function strangerOf(mapper: Mapper, name: string): string {
  if (mapper.relations.has(name)) return 'is a relation; only columns are taken';
  return `is no column of ${mapper.name}; it has ${mapper.columns.map(({ attribute }) => attribute).join(', ')}`;
}

/** What a new row must be given: nothing else would make it. */
function isNeeded(mapped: MappedColumn, { generatedKey }: Mapper): boolean {
  const { spec } = mapped.column;
  return mapped !== generatedKey && !mayBeLeftOut(spec);
}

function mayBeLeftOut({ nullable, make, defaultSql, computed, version }: ColumnSpec): boolean {
  return nullable || make !== undefined || defaultSql !== undefined || computed !== undefined || version;
}

function checkOne({ fixed }: Mapper, mapped: MappedColumn, value: unknown): ReturnType<Judge> {
  const { spec } = mapped.column;
  const refuse = (message: string): ReturnType<Judge> => ({ issues: [{ message }] });
  if (spec.computed) return refuse('is computed by the database; leave it out');
  if (fixed.has(mapped) && value !== fixed.get(mapped)) return refuse('tells what class a row is of; leave it out');
  if (value === null) return spec.nullable ? { value } : refuse('must not be null');
  const expected = mapped.type.check(value);
  if (expected !== undefined) return refuse(`expected ${expected}, got ${kindOf(value)}`);
  const found = spec.guard ? spec.guard.run(value) : { value };
  // What a rule says may quote the value.
  return found.issues && mapped.hidden ? refuse('is refused') : found;
}
type Judge = NonNullable<ColumnSpec['guard']>['run'];

function within({ attribute }: MappedColumn, { message, path = [] }: Issue): Issue {
  return { message, path: [...attribute.split('.'), ...path] };
}
