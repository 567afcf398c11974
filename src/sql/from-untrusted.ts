import { ConfigurationError, InvalidValueError } from '../errors/errors.ts';
import { isRecord, kindOf } from '../util/brand.ts';
import type { AnyExpr, Condition } from './expr.ts';
import { expressionOf, isExpression, negated, type Expression } from './expression.ts';
import { and, or } from './functions/logical.ts';
import { contains, endsWith, startsWith } from './functions/match.ts';

const COMPARISONS: readonly string[] = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in', 'notIn', 'like', 'notLike'];
const MATCHES: Readonly<Record<string, (expr: never, part: never) => Condition>> = { contains, startsWith, endsWith };
const CONNECTORS: readonly string[] = ['and', 'or', 'not'];

/** What may stand in data from outside. */
export type UntrustedOperator =
  | 'eq'
  | 'ne'
  | 'gt'
  | 'gte'
  | 'lt'
  | 'lte'
  | 'in'
  | 'notIn'
  | 'like'
  | 'notLike'
  | 'contains'
  | 'startsWith'
  | 'endsWith'
  | 'isNull'
  | 'and'
  | 'or'
  | 'not';

/** What data from outside may ask for. Nothing else is taken. */
export interface UntrustedRules {
  /** What may be compared, by the names that the data has for it. */
  readonly fields: Readonly<Record<string, AnyExpr>>;
  readonly operators: readonly UntrustedOperator[];
  /** How deep `and`, `or` and `not` may stand within each other; 3 unless given. */
  readonly depth?: number;
  /** How many comparisons there may be; 50 unless given. */
  readonly terms?: number;
}

/**
 * A condition from data that nobody has checked, such as the body of a request: `{ title: 'x' }`, `{ rating: { gte: 4 } }`,
 * `{ or: [ … ] }`. Fields and operators that are not listed are refused, and so is no condition at all.
 *
 * @example
 * const condition = fromUntrusted(await request.json(), {
 *   fields: { title: Post.c.title, rating: Post.c.rating },
 *   operators: ['eq', 'gte', 'startsWith', 'and'],
 * })
 * await engine.all(select(Post).where(condition, Post.c.ownerId.eq(user.id)))
 *
 * @throws InvalidValueError that names the field and the rule, never the data.
 */
export function fromUntrusted(input: unknown, rules: UntrustedRules): Condition {
  const reader = new UntrustedReader(rules);
  return reader.all(input, rules.depth ?? 3);
}

class UntrustedReader {
  readonly #fields: Readonly<Record<string, AnyExpr>>;
  readonly #operators: ReadonlySet<string>;
  #terms: number;

  constructor({ fields, operators, terms = 50 }: UntrustedRules) {
    this.#fields = fields;
    this.#operators = new Set(operators);
    this.#terms = terms;
    for (const [name, field] of Object.entries(fields)) {
      if (CONNECTORS.includes(name)) throw new ConfigurationError(`fromUntrusted(): no field can be named '${name}'`);
      expressionOf(field, `fromUntrusted(): '${name}'`);
    }
  }

  /** All members of an object hold. */
  all(input: unknown, depth: number): Expression {
    if (!isRecord(input)) throw refusal(`expected an object of conditions, got ${kindOf(input)}`);
    const conditions = Object.entries(input).flatMap(([name, value]) => this.#member(name, value, depth));
    if (conditions.length === 0) throw refusal('expected a condition, got an empty object');
    return and(...conditions) as Expression;
  }

  #member(name: string, value: unknown, depth: number): Expression[] {
    if (Object.hasOwn(this.#fields, name)) return this.#comparisons(name, value);
    if (!CONNECTORS.includes(name) || !this.#operators.has(name))
      throw refusal(`a field that is not known; it takes ${Object.keys(this.#fields).join(', ')}`);
    if (depth < 1) throw refusal('and, or and not stand too deep within each other');
    if (name === 'not') return [negated(this.all(value, depth - 1))];
    if (!Array.isArray(value) || value.length === 0) throw refusal(`${name}: expected an array of conditions`);
    const inner = Array.from(value as unknown[], (item) => this.all(item, depth - 1));
    return [(name === 'and' ? and : or)(...inner) as Expression];
  }

  #comparisons(name: string, value: unknown): Expression[] {
    const given = isRecord(value) ? Object.entries(value) : ([['eq', value]] as const);
    if (given.length === 0) throw refusal(`${name}: expected an operator, got an empty object`);
    return given.map(([operator, operand]) => this.#comparison(name, operator, operand));
  }

  #comparison(name: string, operator: string, value: unknown): Expression {
    if (!this.#operators.has(operator)) throw refusal(`${name}: an operator that is not listed`);
    if (this.#terms-- < 1) throw refusal('too many conditions');
    const field = this.#fields[name] as Expression;
    if (operator === 'isNull') return nullTest(field, value, name);
    assertData(value, operator === 'in' || operator === 'notIn', name);
    if (COMPARISONS.includes(operator)) return field[operator as 'eq'](value);
    const match = MATCHES[operator];
    if (match) return match(field as never, value as never) as Expression;
    throw refusal(`${name}: an operator that is not known`);
  }
}

function nullTest(field: Expression, value: unknown, name: string): Expression {
  if (typeof value !== 'boolean') throw refusal(`${name}: isNull takes true or false`);
  return value ? field.isNull() : field.isNotNull();
}

/** An operator takes expressions of the program too; data has none. */
function assertData(value: unknown, isList: boolean, name: string): void {
  const values = isList && Array.isArray(value) ? (value as unknown[]) : [value];
  if (isList !== Array.isArray(value) || values.some((item) => isExpression(item)))
    throw refusal(`${name}: expected ${isList ? 'an array of values' : 'a value'}, got ${kindOf(value)}`);
}

function refusal(what: string): Error {
  return new InvalidValueError(`fromUntrusted(): ${what}`);
}
