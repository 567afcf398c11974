import { ConfigurationError, InvalidValueError } from '../../errors/errors.ts';
import { ColumnBuilder, isColumn, type Column, type Flag, type Guard, type Issue } from '../../schema/column.ts';
import type { StandardSchema } from '../../schema/columns.ts';
import type { AnyModel, InstanceOf } from '../../sql/model.ts';
import type { Changes } from '../../sql/plain.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { kindOf } from '../../util/brand.ts';
import type { MappedColumn, Mapper } from '../mapping/mapper.ts';
import { infoOf, mapperOf } from '../mapping/model-info.ts';
import { EntityBase } from '../state/entity.ts';
import { guarding } from '../state/guarding.ts';
import { checkValue } from '../state/snapshot.ts';

/** A rule: a Standard Schema, or a function that says what is wrong. */
export type Validator<V> = StandardSchema<unknown, V> | ((value: V) => string | undefined);

/** What a rule makes of a value: the value to keep, or issues. */
type Outcome = ReturnType<Guard['run']>;

/** A rule as it runs. */
type Run = (value: unknown) => Outcome;

/**
 * A column whose values are looked at beside their type: when an entity is constructed, when the attribute is assigned,
 * and before a commit sends anything; never when rows are read, nor in conditions. A schema (zod, valibot, arktype) may
 * change the value, as `z.string().trim()` does; a function says what is wrong. Of a model: rules over several attributes,
 * asked before a commit sends anything, which change nothing.
 *
 * @example
 * class User extends Model('users', { id: integer().primaryKey(), email: validate(text(), z.email()).unique() }) {}
 * class Stay extends Model('stays', { id: integer().primaryKey(), start: plainDate(), end: plainDate() }) {}
 * validate(Stay, ({ start, end }) => (start! < end! ? undefined : 'ends before it starts'))
 * @throws InvalidValueError that names the model and the attribute. ConfigurationError for a schema that is asynchronous.
 */
export function validate<V, F extends Flag>(column: Column<V, F>, rule: Validator<NoInfer<V & {}>>): Column<V, F>;
export function validate<C extends AnyModel>(
  model: C,
  rule: StandardSchema<unknown, unknown> | ((values: Readonly<Changes<InstanceOf<C>>>) => string | undefined),
): void;
export function validate(target: unknown, rule: unknown): unknown {
  if (isColumn(target)) return guarded(target, runner(rule));
  infoOf(target, 'validate()');
  rules.push({ model: target, run: runner(rule) });
  guarding.judge = judgeAll;
  guarding.current = (state) => {
    guarding.filtered?.(state);
    const { mapper, entity } = state;
    const issues = judgeAll(mapper, entity);
    if (issues.length === 0) return;
    const attributes = issues.flatMap(({ path = [] }) => path.slice(0, 1).map(String));
    const details = { model: mapper.name, attributes };
    throw withIssues(new InvalidValueError(`${mapper.name}: ${reasonOf(issues)}`, details), issues);
  };
  return undefined;
}

/** Rules over several attributes, by model. */
const rules: { readonly model: unknown; readonly run: Run }[] = [];

/** What the first rule says that finds something; those of a base hold for its subclasses. */
function judgeAll(mapper: Mapper, values: Readonly<Record<string, unknown>>): readonly Issue[] {
  for (const { model, run } of rules) {
    if (!mapper.isA(mapperOf(model, 'validate()'))) continue;
    const { issues } = judge(run, values, mapper);
    if (issues) return issues;
  }
  return [];
}

function guarded({ spec }: ColumnBuilder, run: Run): ColumnBuilder {
  const { guard: before } = spec;
  const both: Run = (value) => {
    const first = before?.run(value) ?? { value };
    return first.issues ? first : keptWithin(run(first.value), spec.type);
  };
  return new ColumnBuilder({
    ...spec,
    guard: { run: both, accept: (value, refuse) => accepted(both(value), refuse), define: defineGuarded },
  });
}

/** What a schema makes must be a value of the column, too. */
function keptWithin(outcome: Outcome, type: SqlType): Outcome {
  if (outcome.issues) return outcome;
  const { value } = outcome;
  const expected = value === null || value === undefined ? 'a value' : type.check(value);
  if (expected === undefined) return outcome;
  throw new ConfigurationError(`a validator made ${kindOf(value)} where the column holds ${expected}`);
}

function accepted(outcome: Outcome, refuse: (what: string) => Error): unknown {
  if (!outcome.issues) return outcome.value;
  throw withIssues(refuse(reasonOf(outcome.issues)), outcome.issues);
}

/** Own words of the program, or the places that a schema found: its messages may quote the value. */
function reasonOf(issues: readonly Issue[]): string {
  const own = issues.find((issue) => ownWords.has(issue));
  if (own) return own.message;
  const places = issues.flatMap(({ path = [] }) => (path.length > 0 ? [path.map(String).join('.')] : []));
  const what = 'a validator refuses it';
  return places.length > 0 ? `${what} at ${[...new Set(places)].join(', ')}` : what;
}

const ownWords = new WeakSet<Issue>();

/** What was found goes along, out of sight of what prints an error. */
function withIssues(error: Error, issues: readonly Issue[]): Error {
  return Object.defineProperty(error, 'issues', { value: issues });
}

/** The steps of a path may have the value in them. */
function plainIssue({ message, path = [] }: Issue): Issue {
  return { message, path: path.map((step) => (typeof step === 'object' ? step.key : step)) };
}

function defineGuarded(entity: object, mapped: MappedColumn, value: unknown): void {
  let current = value;
  Object.defineProperty(entity, mapped.attribute, {
    configurable: true,
    enumerable: !mapped.hidden,
    get: () => current,
    set: (next: unknown) => {
      // Keys are taken away and put off by relations; what may not stay so is refused by the commit.
      const isNone = next === null || next === undefined;
      current = isNone ? next : checkValue(EntityBase.state(entity)!, mapped, next);
    },
  });
}

/** What a rule over several attributes says of them; the rule may not change one. */
function judge(run: Run, values: Readonly<Record<string, unknown>>, mapper: Mapper): Outcome {
  const copy: Record<string, unknown> = {};
  for (const { attribute } of mapper.columns) if (values[attribute] !== undefined) copy[attribute] = values[attribute];
  const outcome = run({ ...copy });
  if (outcome.issues) return outcome;
  const made = outcome.value as Readonly<Record<string, unknown>> | undefined;
  for (const { attribute, type } of mapper.columns) {
    const [before, after] = [copy[attribute], made?.[attribute]];
    if (after === undefined || after === before) continue;
    if (before !== null && before !== undefined && after !== null && type.equals(before, after)) continue;
    throw new ConfigurationError(
      `${mapper.name}.${attribute}: a validator of the model changes it; put validate() on the column for that`,
      { model: mapper.name, attributes: [attribute] },
    );
  }
  return outcome;
}

function runner(rule: unknown): Run {
  const schema = (typeof rule === 'object' || typeof rule === 'function') && rule !== null && '~standard' in rule;
  if (schema) {
    return (value) => {
      const outcome = synchronous((rule as StandardSchema<unknown, unknown>)['~standard'].validate(value));
      return outcome.issues ? { issues: outcome.issues.map(plainIssue) } : outcome;
    };
  }
  if (typeof rule !== 'function')
    throw new ConfigurationError(`validate(): expected a schema or a function, got ${kindOf(rule)}`);
  return (value) => {
    const said: unknown = synchronous((rule as (value: unknown) => unknown)(value));
    if (said === undefined) return { value };
    if (typeof said !== 'string')
      throw new ConfigurationError(`a validator says what is wrong as text, or returns nothing; got ${kindOf(said)}`);
    const issue: Issue = { message: said };
    ownWords.add(issue);
    return { issues: [issue] };
  };
}

function synchronous<T>(result: T | PromiseLike<T>): T {
  const { then } = (result ?? {}) as Partial<PromiseLike<T>>;
  if (typeof then !== 'function') return result as T;
  // It may fail later, when nobody looks any more.
  void then.call(result, undefined, () => {});
  throw new ConfigurationError(
    'a validator is asynchronous, and a value is kept or refused at once: await such a schema before the entity is made',
  );
}
