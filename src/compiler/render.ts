import { ConfigurationError, InternalError, assertNever } from '../errors/errors.ts';
import type { Bind, Binary, ColumnNode, Expression, InList, InRows, Logical, Order } from '../sql/expression.ts';
import type { Call, CaseNode, Raw } from '../sql/functions.ts';
import type { DerivedSource, Output, SelectNode, SourceNode } from '../sql/nodes.ts';
import type { ExpressionNode } from '../sql/tree.ts';
import { paddedLength, type Hole } from './cache-key.ts';
import type { Dialect } from './dialect.ts';

/** How a select names its columns: `wire` reads each whole under a unique name, `inner` under the names of the program. */
export type Naming = 'wire' | 'inner';

/** Renders trees as SQL text. Visits holes in the order in which `shapeOf` found them. */
export class Renderer {
  readonly dialect: Dialect;
  readonly #holes: readonly Hole[];
  #hole = 0;
  #parameter = 0;
  #qualified = true;
  #renamed: ReadonlyMap<SourceNode, string> = new Map();
  /** The CTEs of the statement, in the order in which they may stand. */
  readonly #ctes = new Map<DerivedSource, string>();

  constructor(dialect: Dialect, holes: readonly Hole[]) {
    this.dialect = dialect;
    this.#holes = holes;
  }

  quote(name: string): string {
    return this.dialect.quote(name);
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
    return table.schema === undefined
      ? this.quote(table.name)
      : `${this.quote(table.schema)}.${this.quote(table.name)}`;
  }

  // ── SELECT

  select(node: SelectNode, naming: Naming): string {
    const outer = this.#renamed;
    this.#renamed = this.#withoutOwn(node);
    const outputs = this.outputs(node.outputs, naming);
    const body = node.compound ? this.#compound(node, naming) : this.#simple(node, outputs);
    const order = node.orderBy.map((by) => (node.compound ? this.#ordinal(by, node) : this.order(by))).join(', ');
    const limit = this.dialect.limit(
      node.limit && this.expression(node.limit, true),
      node.offset && this.expression(node.offset, true),
    );
    this.#renamed = outer;
    return `${body}${order && ` order by ${order}`}${limit}`;
  }

  #withoutOwn(node: SelectNode): ReadonlyMap<SourceNode, string> {
    const own = [node.from, ...node.joins.map((join) => join.source)];
    if (!own.some((source) => source && this.#renamed.has(source))) return this.#renamed;
    return new Map([...this.#renamed].filter(([source]) => !own.includes(source)));
  }

  #simple(node: SelectNode, outputs: string): string {
    let text = `select ${node.distinct ? 'distinct ' : ''}${outputs || '1'}`;
    if (node.from) text += ` from ${this.source(node.from)}`;
    for (const join of node.joins) {
      text += ` ${join.type === 'inner' ? '' : `${join.type} `}join ${this.source(join.source)} on ${this.expression(join.on)}`;
    }
    text += this.where(node.where);
    if (node.groupBy.length > 0) text += ` group by ${node.groupBy.map((by) => this.expression(by)).join(', ')}`;
    return text + this.where(node.having, 'having');
  }

  #compound(node: SelectNode, naming: Naming): string {
    const { all, selects } = node.compound!;
    const parts = selects.map((part) => {
      const text = this.select(part, naming);
      return part.limit || part.offset || part.orderBy.length > 0 || part.compound ? `select * from (${text})` : text;
    });
    return parts.join(all ? ' union all ' : ' union ');
  }

  #ordinal(by: Order, node: SelectNode): string {
    const index = node.outputs.findIndex((output) => output.expression === by.expression);
    if (index < 0) throw new ConfigurationError('a union is ordered by the columns that its first select yields');
    return `${index + 1}${direction(by)}`;
  }

  outputs(outputs: readonly Output[], naming: Naming): string {
    const used = new Set<string>();
    return outputs.map(({ name, expression }) => this.#output(name, expression, naming, used)).join(', ');
  }

  #output(name: string, expression: Expression, naming: Naming, used: Set<string>): string {
    const column = expression as ColumnNode;
    const plain = this.expression(expression);
    const own = column.kind === 'column' ? column.name : name;
    if (naming === 'inner') return column.kind === 'column' && own === name ? plain : `${plain} as ${this.quote(name)}`;
    const codec = expression.type && this.dialect.codec(expression.type);
    const text = codec?.read ? codec.read(plain) : plain;
    const unique = uniqueName(own, used);
    return text === plain && column.kind === 'column' && unique === column.name
      ? text
      : `${text} as ${this.quote(unique)}`;
  }

  source(node: SourceNode): string {
    if (node.kind === 'table') return this.table(node.table);
    if (node.kind === 'alias') return `${this.table(node.table)} as ${this.quote(node.name)}`;
    if (!node.cte) return `(${this.select(node.select, 'inner')}) as ${this.quote(node.name)}`;
    this.#cte(node);
    return this.quote(node.name);
  }

  readonly #named = new Set<DerivedSource>();

  #cte(node: DerivedSource): void {
    if (this.#named.has(node)) return;
    this.#named.add(node);
    const columns = node.recursive ? ` (${node.select.outputs.map(({ name }) => this.quote(name)).join(', ')})` : '';
    const text = `${this.quote(node.name)}${columns} as (${this.select(node.select, 'inner')})`;
    this.#ctes.set(node, text);
  }

  where(conditions: readonly Expression[], keyword: 'where' | 'having' = 'where'): string {
    if (conditions.length === 0) return '';
    return ` ${keyword} ${conditions.map((item) => this.#conjunct(item, conditions.length > 1)).join(' and ')}`;
  }

  /** A term of a conjunction: comparisons bind tighter than AND. */
  #conjunct(item: Expression, wrap: boolean): string {
    const text = this.expression(item);
    return wrap && LOOSE.has(item.kind) ? `(${text})` : text;
  }

  order(by: Order): string {
    return this.expression(by.expression) + direction(by);
  }

  // ── expressions

  /** @param bare whether a column gives a bound value its type, so that the placeholder can stand alone. */
  expression(expression: Expression, bare = false): string {
    const node = expression as ExpressionNode;
    switch (node.kind) {
      case 'column':
        return this.#column(node);
      case 'bind':
        return this.#bind(node, bare);
      case 'binary':
        return this.#binary(node);
      case 'logical':
        return this.#logical(node);
      case 'not':
        return `not (${this.expression(node.item)})`;
      case 'null-test':
        return `${this.#operand(node.item)} is null`;
      case 'in-list':
        return this.#inList(node);
      case 'in-rows':
        return this.#inRows(node);
      case 'in-select':
        return `${this.#operand(node.item)} in (${this.select(node.select, 'inner')})`;
      case 'exists':
        return `exists (${this.select(node.select, 'inner')})`;
      case 'scalar':
        return `(${this.select(node.select, 'inner')})`;
      case 'label':
        return this.expression(node.item, bare);
      case 'scoped':
        return this.#scoped(node.item, node.from, node.name);
      case 'call':
        return this.#call(node);
      case 'case':
        return this.#case(node);
      case 'raw':
        return this.#raw(node);
      default:
        return assertNever(node, 'expression');
    }
  }

  #column(node: ColumnNode): string {
    if (node.source === 'excluded') return `excluded.${this.quote(node.name)}`;
    if (!this.#qualified) return this.quote(node.name);
    return `${this.quote(this.#renamed.get(node.source) ?? node.source.name)}.${this.quote(node.name)}`;
  }

  #scoped(item: Expression, from: SourceNode, name: string): string {
    const outer = this.#renamed;
    this.#renamed = new Map(outer).set(from, name);
    const text = this.expression(item);
    this.#renamed = outer;
    return text;
  }

  #take(node: Hole): void {
    if (this.#holes[this.#hole++] !== node)
      throw new InternalError('a statement was rendered in another order than it was read');
  }

  #placeholder(): string {
    return this.dialect.placeholder(++this.#parameter);
  }

  #bind(node: Bind, bare: boolean): string {
    this.#take(node);
    const placeholder = this.#placeholder();
    return bare ? placeholder : (this.dialect.codec(node.type).bind?.(placeholder) ?? placeholder);
  }

  /** An operand of an operator, in parentheses when it is an operator itself. */
  #operand(expression: Expression, wrap = true, bare = false): string {
    const text = this.expression(expression, bare);
    return wrap && COMPOUND.has(expression.kind) ? `(${text})` : text;
  }

  #binary(node: Binary): string {
    const compares = node.operator !== '+';
    const left = this.#operand(node.left, true, compares && isStored(node.right));
    const right = this.#operand(node.right, true, compares && isStored(node.left));
    return `${left} ${node.operator} ${right}`;
  }

  #logical(node: Logical): string {
    return balanced(
      node.items.map((item) => this.#conjunct(item, true)),
      ` ${node.operator} `,
    );
  }

  #inList(node: InList): string {
    const item = this.#operand(node.item);
    this.#take(node);
    const codec = this.dialect.codec(node.itemType);
    const list = this.dialect.list(codec);
    if (list) return `${item} in (${list.select(this.#placeholder())})`;
    // An empty list still takes its one parameter, so that binding need not know it.
    const places = Array.from({ length: paddedLength(node.values.length) }, () => {
      const placeholder = this.#placeholder();
      return codec.bind?.(placeholder) ?? placeholder;
    });
    return `${item} in (${places.join(', ')})`;
  }

  #inRows(node: InRows): string {
    const items = node.items.map((item) => this.expression(item)).join(', ');
    this.#take(node);
    const rows = this.dialect.rows(node.itemTypes.map((type) => this.dialect.codec(type)));
    return `(${items}) in (${rows.select(this.#placeholder())})`;
  }

  #call(node: Call): string {
    const { distinct, filter, over } = node.options;
    const args = node.args.map((argument) => this.expression(argument)).join(', ');
    const all = node.name === 'count' && args === '' ? '*' : args;
    let text = `${node.name}(${distinct ? 'distinct ' : ''}${all})`;
    if (filter) text += ` filter (where ${this.expression(filter)})`;
    if (!over) return text;
    const partition = over.partitionBy.map((by) => this.expression(by)).join(', ');
    const order = over.orderBy.map((by) => this.order(by)).join(', ');
    const window = [partition && `partition by ${partition}`, order && `order by ${order}`, over.frame];
    return `${text} over (${window.filter(Boolean).join(' ')})`;
  }

  #case(node: CaseNode): string {
    const branches = node.branches.map(
      ([condition, then]) => `when ${this.expression(condition)} then ${this.expression(then)}`,
    );
    const otherwise = node.otherwise ? ` else ${this.expression(node.otherwise)}` : '';
    return `case ${branches.join(' ')}${otherwise} end`;
  }

  #raw(node: Raw): string {
    return node.texts
      .map((text, index) => text + (node.holes[index] ? this.expression(node.holes[index]) : ''))
      .join('');
  }
}

const COMPOUND: ReadonlySet<string> = new Set([
  'binary',
  'logical',
  'not',
  'null-test',
  'in-list',
  'in-rows',
  'in-select',
  'scoped',
  'raw',
]);

/** What binds no tighter than AND, or may not. */
const LOOSE: ReadonlySet<string> = new Set(['logical', 'not', 'raw', 'scoped', 'label']);

/** A column of a table gives what it is compared with its own type. */
function isStored(expression: Expression): boolean {
  return (expression as ColumnNode).kind === 'column' && (expression as ColumnNode).column !== undefined;
}

function direction(by: Order): string {
  return (by.descending ? ' desc' : '') + (by.nulls ? ` nulls ${by.nulls}` : '');
}

/** Joined as a balanced tree, so that the depth of a long chain stays below the limit of a parser. */
function balanced(parts: readonly string[], operator: string): string {
  if (parts.length <= 16) return parts.join(operator);
  const middle = parts.length >> 1;
  return `(${balanced(parts.slice(0, middle), operator)})${operator}(${balanced(parts.slice(middle), operator)})`;
}

/** Rows that arrive as objects keep their order and their cells only under distinct names that are no numbers. */
function uniqueName(name: string, used: Set<string>): string {
  const base = /^\d+$/.test(name) || name === '__proto__' || name === '' ? `c_${name}` : name;
  let unique = base;
  for (let count = 2; used.has(unique.toLowerCase()); count++) unique = `${base}_${count}`;
  used.add(unique.toLowerCase());
  return unique;
}
