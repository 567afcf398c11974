import { CapabilityError, ConfigurationError } from '../errors/errors.ts';
import { ColumnNode, Order, type Bind, type Expression, type ExpressionNode, type List } from '../sql/expression.ts';
import type { DerivedSource, JoinNode, Output, SelectNode, SourceNode } from '../sql/nodes.ts';
import { sourcesOf } from '../sql/tree.ts';
import type { SqlType } from '../types/sql-type.ts';
import type { Dialect } from './dialect.ts';
import type { WireValue } from './statement.ts';

/** How a select names its columns: `wire` reads each whole under a unique name, `inner` under the names of the program. */
export type Naming = 'wire' | 'inner';

/** Renders trees as text and collects their values as parameters. Text never depends on a value. */
export class Renderer {
  readonly dialect: Dialect;
  readonly params: WireValue[] = [];
  /** DDL takes no parameters: values in it are literals of the program, never of its users. */
  readonly #literals: boolean;
  #qualified = true;
  #renamed: ReadonlyMap<SourceNode, string> = new Map();
  /** The CTEs of the statement, in the order in which they may stand; a text is empty while it is being made. */
  readonly #ctes = new Map<DerivedSource, string>();

  /** How many selects a compound may have. */
  readonly #terms: number;

  constructor(dialect: Dialect, { literals = false, terms = Infinity }: { literals?: boolean; terms?: number } = {}) {
    this.dialect = dialect;
    this.#literals = literals;
    this.#terms = terms;
  }

  /** Runs `render` with columns named without their table, as DDL and RETURNING want them. */
  unqualified(render: () => string): string {
    this.#qualified = false;
    const text = render();
    this.#qualified = true;
    return text;
  }

  /** The WITH clause, once the rest has been rendered. */
  withClause(): string {
    if (this.#ctes.size === 0) return '';
    const recursive = [...this.#ctes.keys()].some((cte) => cte.recursive) ? 'recursive ' : '';
    return `with ${recursive}${[...this.#ctes.values()].join(', ')} `;
  }

  table(table: { readonly name: string; readonly schema: string | undefined }): string {
    const name = this.dialect.quote(table.name);
    return table.schema === undefined ? name : `${this.dialect.quote(table.schema)}.${name}`;
  }

  // ── SELECT

  select(given: SelectNode, naming: Naming): string {
    const node = given.compound && naming === 'wire' && this.#isCast(given) ? aroundCompound(given) : given;
    const outer = this.#renamed;
    const isQualified = this.#qualified;
    this.#renamed = this.#withoutOwn(node);
    // A statement without qualified names may hold a select, where those of the two would be mixed up.
    this.#qualified = true;
    const body = node.compound ? this.#compound(node, naming) : this.#simple(node, naming);
    const order = this.#list(node.orderBy, (by) => {
      this.#assertOrdered(by.expression.type);
      return (node.compound ? ordinal(by, node) : this.expression(by.expression)) + by.suffix;
    });
    const limit = this.dialect.limit(
      node.limit && this.expression(node.limit),
      node.offset && this.expression(node.offset),
    );
    this.#renamed = outer;
    this.#qualified = isQualified;
    return `${body}${order && ` order by ${order}`}${limit}`;
  }

  /** Whether some column is read in another form than the one it is ordered by. */
  #isCast(node: SelectNode): boolean {
    return node.outputs.some(({ expression: { type } }) => type && this.dialect.codec(type).read);
  }

  #list<T>(items: readonly T[], render: (item: T) => string): string {
    return items.map(render).join(', ');
  }

  /** What a select reads under its own name is not renamed within it. */
  #withoutOwn(node: SelectNode): ReadonlyMap<SourceNode, string> {
    if (this.#renamed.size === 0) return this.#renamed;
    const own = sourcesOf(node);
    return new Map([...this.#renamed].filter(([source]) => !own.includes(source)));
  }

  #simple(node: SelectNode, naming: Naming): string {
    let text = `select ${node.distinct ? 'distinct ' : ''}${this.outputs(node.outputs, naming) || '1'}`;
    if (node.from) text += ` from ${this.source(node.from)}`;
    text += this.#joins(node.joins) + this.where(node.where);
    const groups = this.#list(node.groupBy, (by) => this.expression(by));
    return text + (groups && ` group by ${groups}`) + this.where(node.having, 'having');
  }

  #joins(joins: readonly JoinNode[]): string {
    const texts = joins.map(({ type, source, on, within }) => {
      const table = this.source(source);
      const joined = within ? `(${table}${this.#joins(within)})` : table;
      return ` ${type === 'inner' ? '' : `${type} `}join ${joined} on ${this.expression(on)}`;
    });
    return texts.join('');
  }

  #compound(node: SelectNode, naming: Naming): string {
    const { all, selects } = node.compound!;
    const parts = selects.map((part) => {
      const text = this.select(part, naming);
      return part.limit || part.offset || part.orderBy.length > 0 || part.compound ? `select * from (${text})` : text;
    });
    return this.#joinTerms(parts, all ? ' union all ' : ' union ');
  }

  /** More terms than a database takes in one go stand in subqueries. */
  #joinTerms(terms: readonly string[], separator: string): string {
    if (terms.length <= this.#terms) return terms.join(separator);
    const size = Math.ceil(terms.length / this.#terms);
    const groups = Array.from({ length: Math.ceil(terms.length / size) }, (_, at) =>
      terms.slice(at * size, (at + 1) * size),
    );
    return groups.map((group) => `select * from (${this.#joinTerms(group, separator)})`).join(separator);
  }

  outputs(outputs: readonly Output[], naming: Naming): string {
    const used = new Set<string>();
    return this.#list(outputs, ({ name, expression }) => this.#output(name, expression as ColumnNode, naming, used));
  }

  #output(name: string, expression: ColumnNode, naming: Naming, used: Set<string>): string {
    const plain = this.expression(expression);
    const own = expression.kind === 'column' ? expression.name : undefined;
    if (naming === 'inner') return own === name ? plain : `${plain} as ${this.dialect.quote(name)}`;
    const text = (expression.type && this.dialect.codec(expression.type).read?.(plain)) ?? plain;
    const unique = uniqueName(own ?? name, used);
    return text === plain && unique === own ? text : `${text} as ${this.dialect.quote(unique)}`;
  }

  source(node: SourceNode): string {
    const name = this.dialect.quote(node.name);
    if (node.kind === 'table') return this.table(node.table);
    if (node.kind === 'alias') return `${this.table(node.table)} as ${name}`;
    if (!node.cte) return `(${this.select(node.select, 'inner')}) as ${name}`;
    if (!this.#ctes.has(node)) {
      if ([...this.#ctes.keys()].some((other) => other.name === node.name))
        throw new ConfigurationError(`two common table expressions are named '${node.name}'`);
      // Noted first, so that a recursive one only names itself; set last, so that it stands after those it reads.
      this.#ctes.set(node, '');
      const columns = node.recursive
        ? ` (${this.#list(node.select.outputs, (output) => this.dialect.quote(output.name))})`
        : '';
      const text = `${name}${columns} as (${this.select(node.select, 'inner')})`;
      this.#ctes.delete(node);
      this.#ctes.set(node, text);
    }
    return name;
  }

  where(conditions: readonly Expression[], keyword: 'where' | 'having' = 'where'): string {
    if (conditions.length === 0) return '';
    const terms = conditions.map((item) => {
      const text = this.expression(item);
      return item.level > 1 && conditions.length > 1 ? `(${text})` : text;
    });
    return ` ${keyword} ${terms.join(' and ')}`;
  }

  // ── expressions

  expression(expression: Expression): string {
    const node = expression as ExpressionNode;
    switch (node.kind) {
      case 'column':
        return this.#column(node);
      case 'bind':
        return this.#bind(node);
      case 'list':
        return this.#values(node);
      case 'select':
        return this.select(node.node, 'inner');
      case 'scoped': {
        const outer = this.#renamed;
        this.#renamed = new Map(outer).set(node.from, node.name);
        const text = this.expression(node.item);
        this.#renamed = outer;
        return text;
      }
      default: {
        let text = '';
        this.#assertOrdered(node.orders);
        for (const piece of node.pieces) text += typeof piece === 'string' ? piece : this.expression(piece);
        return text;
      }
    }
  }

  #assertOrdered(type: SqlType | undefined): void {
    if (!type || !this.dialect.codec(type).unordered) return;
    throw new CapabilityError(
      `${this.dialect.name} keeps numeric(${type.precision}, ${type.scale}) as text: it has no order and no sums there`,
    );
  }

  #column(node: ColumnNode): string {
    const name = this.dialect.quote(node.name);
    if (node.source === 'excluded') return `excluded.${name}`;
    if (!this.#qualified) return name;
    return `${this.dialect.quote(this.#renamed.get(node.source) ?? node.source.name)}.${name}`;
  }

  /** A parameter for a value in the database's form. */
  parameter(value: WireValue): string {
    if (this.#literals) return literal(value);
    this.params.push(value);
    return this.dialect.placeholder(this.params.length);
  }

  #bind({ value, type, bare }: Bind): string {
    const codec = this.dialect.codec(type);
    const wire = value === null ? null : codec.encode(value);
    const placeholder = this.parameter(wire);
    // A literal has its type, but for the numbers that are written as text.
    const isTyped = bare || (this.#literals && typeof wire !== 'string');
    return isTyped ? placeholder : (codec.bind?.(placeholder) ?? placeholder);
  }

  /** The rows of a list as one parameter, or each value as its own. */
  #values({ rows, types }: List): string {
    const codecs = types.map((type) => this.dialect.codec(type));
    const encoded = rows.map((row) => row.map((value, at) => codecs[at]!.encode(value)));
    const list = this.#literals ? undefined : this.dialect.list(codecs);
    if (list) return list.select(this.parameter(list.encode(encoded)));
    const [codec] = codecs;
    if (!codec || codecs.length > 1)
      throw new CapabilityError('keys of several columns, one of them double(), cannot be looked up as a list');
    // Nothing is in no rows, not even NULL.
    if (rows.length === 0) return 'select null where false';
    const length = this.#literals ? rows.length : paddedLength(rows.length);
    return Array.from({ length }, (_, at) => {
      const placeholder = this.parameter((encoded[at] ?? encoded.at(-1))?.[0] ?? null);
      return codec.bind && !this.#literals ? codec.bind(placeholder) : placeholder;
    }).join(', ');
  }
}

/** A few lengths only, so that few texts are made: repeating a value changes nothing. */
function paddedLength(length: number): number {
  return length > 64 ? Math.ceil(length / 4) * 4 : 2 ** Math.ceil(Math.log2(length));
}

function ordinal(by: Order, node: SelectNode): string {
  return String(outputOf(by, node) + 1);
}

function outputOf({ expression }: Order, node: SelectNode): number {
  const index = node.outputs.findIndex((output) => isSame(output.expression, expression));
  if (index >= 0) return index;
  throw new ConfigurationError('a union is ordered by the columns that its first select yields');
}

function isSame(left: Expression, right: Expression): boolean {
  const [one, other] = [left as ColumnNode, right as ColumnNode];
  return left === right || (one.kind === 'column' && one.source === other.source && one.name === other.name);
}

/** A compound as a subquery, so that it is ordered by what is stored and not by the form in which it is read. */
function aroundCompound(node: SelectNode): SelectNode {
  const bare: SelectNode = { ...node, orderBy: [], limit: undefined, offset: undefined };
  const source: SourceNode = { kind: 'derived', name: 'union:0', cte: false, recursive: false, select: bare };
  const outputs = node.outputs.map(({ name, expression }) => {
    return { name, expression: new ColumnNode(source, name, expression.type) };
  });
  const orderBy = node.orderBy.map((by) => {
    return new Order(outputs[outputOf(by, node)]!.expression, by.descending, by.nulls);
  });
  return { ...node, outputs, from: source, compound: undefined, orderBy };
}

function literal(value: WireValue): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
  throw new ConfigurationError('bytes cannot stand in DDL');
}

/** Rows that arrive as objects keep their order and their cells only under distinct names that are no numbers. */
function uniqueName(name: string, used: Set<string>): string {
  const base = /^\d+$/.test(name) || name === '__proto__' || name === '' ? `c_${name}` : name;
  let unique = base;
  for (let count = 2; used.has(unique.toLowerCase()); count++) unique = `${base}_${count}`;
  used.add(unique.toLowerCase());
  return unique;
}

/** A fragment as text without parameters, for DDL. */
export function constant(expression: Expression, dialect: Dialect): string {
  const renderer = new Renderer(dialect, { literals: true });
  return renderer.unqualified(() => renderer.expression(expression));
}
