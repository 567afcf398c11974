import { CapabilityError, ConfigurationError } from '../errors/errors.ts';
import type { Bind, ColumnNode, Expression, ExpressionNode, Fragment, List, Piece } from '../sql/expression.ts';
import type { LockNode } from '../sql/lock.ts';
import type {
  Compound,
  DerivedSource,
  JoinNode,
  Output,
  Rewriting,
  SelectNode,
  SourceNode,
  UpdateNode,
  WriteNode,
} from '../sql/nodes.ts';
import { tableSource } from '../sql/source.ts';
import { piecesOf, sourcesOf } from '../sql/tree.ts';
import type { Table } from '../schema/table.ts';
import type { SqlType } from '../types/sql-type.ts';
import type { Codec, Dialect } from './dialect.ts';
import type { WireValue } from './statement.ts';
import { balanced, CHAIN_TERMS, labelPlace, uniqueName, writtenRows } from './text-parts.ts';

/** How a select names its columns: `wire` reads each whole under a unique name, `inner` under the names of the program. */
export type Naming = 'wire' | 'inner';

interface RenderOptions {
  readonly literal?: (value: WireValue) => string;
  readonly terms?: number;
  readonly inOrder?: boolean;
  readonly rewriting?: Rewriting | undefined;
}

const VERBS = { insert: 'insert into', update: 'update', delete: 'delete from' } as const;

/** What a write may have beside its pieces. */
export type AnyWrite = WriteNode & Partial<Pick<UpdateNode, 'from' | 'joins' | 'where'>>;

/** Renders trees as text and collects their values. Text never depends on a value. */
export class Renderer {
  declare readonly dialect: Dialect;
  /** In the order of the placeholders. */
  readonly values: (Bind | List)[] = [];
  /** How many placeholders there are. */
  parameters = 0;
  /** DDL takes no parameters: values in it are literals of the program, never of its users. */
  readonly #literal: ((value: WireValue) => string) | undefined;
  #qualified = true;
  #renamed: ReadonlyMap<SourceNode, string> = new Map();
  /** The sources of the selects around this one, whose columns it may read too. */
  #around: readonly SourceNode[] = [];
  /** Those of them that a subquery in FROM may read: it does not see the sources beside it. */
  #beyond: readonly SourceNode[] = [];
  /** Those of them whose name means another source here. */
  #hidden: ReadonlySet<SourceNode> = NONE;
  readonly #tables: string[] = [];
  /** The CTEs of the statement, in the order in which they may stand; a text is empty while it is being made. */
  readonly #ctes = new Map<DerivedSource, string>();

  /** How many selects a compound may have. */
  readonly #terms: number;
  readonly #inOrder: boolean;
  readonly #rewriting: Rewriting | undefined;

  constructor(dialect: Dialect, { literal, terms = Infinity, inOrder = false, rewriting }: RenderOptions = {}) {
    this.dialect = dialect;
    this.#literal = literal;
    this.#terms = terms;
    this.#inOrder = inOrder;
    this.#rewriting = rewriting;
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
    for (const { name } of this.#ctes.keys())
      if (this.#tables.some((table) => isSameName(table, name)))
        throw new ConfigurationError(`a common table expression is named like the table '${name}' beside it`);
    const recursive = [...this.#ctes.keys()].some((cte) => cte.recursive) ? 'recursive ' : '';
    return `with ${recursive}${[...this.#ctes.values()].join(', ')} `;
  }

  table(table: Pick<Table, 'name' | 'schema'>): string {
    if (table.schema === undefined) this.#tables.push(table.name);
    return tableName(table, this.dialect);
  }

  /** The table that is written, and what is read beside it: what selects within the statement may read too. */
  target(table: Table, beside: readonly SourceNode[] = []): string {
    this.#around = [tableSource(table), ...beside];
    return this.table(table);
  }

  /** INSERT, UPDATE or DELETE, with its RETURNING. */
  write(node: WriteNode, pieces: readonly Piece[]): string {
    const { kind, table, returning, from, joins = [], where = [] }: AnyWrite = node;
    let text = `${VERBS[kind]} ${this.target(table, sourcesOf({ from, joins }))}${this.#pieces(pieces)}`;
    if (from) text += ` from ${this.source(from)}${this.joins(joins)}`;
    text += this.where(where);
    const outputs = (): string => this.outputs(returning, 'wire');
    const returned = from && this.dialect.returnsAmongSources ? outputs() : this.unqualified(outputs);
    return text + (returned && ` returning ${returned}`);
  }

  // ── SELECT

  select(given: SelectNode, naming: Naming): string {
    const own = this.#rewriting ? this.#rewriting.select(given) : given;
    const { result } = own.compound ?? {};
    const node = result && naming === 'wire' && this.#isCast(own) ? result.around(own) : own;
    const outer = this.#renamed;
    const isQualified = this.#qualified;
    const [around, beyond, hidden] = [this.#around, this.#beyond, this.#hidden];
    this.#enter(sourcesOf(node));
    // A statement without qualified names may hold a select, where those of the two would be mixed up.
    this.#qualified = true;
    const { compound } = node;
    const body = compound ? this.#compound(compound, naming) : this.#simple(node, naming);
    const order = this.#joined(node.orderBy, (by) => {
      this.#assertOrdered(by.expression.type);
      return (compound ? compound.result!.placeOf(by, node) + 1 : this.#term(by.expression, node)) + by.suffix;
    });
    const limit = this.dialect.limit(
      node.limit && this.expression(node.limit),
      node.offset && this.expression(node.offset),
    );
    const lock = node.lock ? this.#lock(node.lock) : '';
    this.#renamed = outer;
    this.#qualified = isQualified;
    this.#around = around;
    this.#beyond = beyond;
    this.#hidden = hidden;
    return `${body}${order && ` order by ${order}`}${limit}${lock}`;
  }

  #lock(lock: LockNode): string {
    const { locks, name } = this.dialect;
    if (!locks) throw new CapabilityError(`${name} has no locks on rows`);
    return locks.text(lock, this.#around);
  }

  #term(expression: Expression, node: SelectNode): string {
    const place = labelPlace(expression, node, this.dialect);
    return place < 0 ? this.expression(expression) : String(place + 1);
  }

  /** Whether some column is read in another form than the one it is ordered by. */
  #isCast(node: SelectNode): boolean {
    return node.outputs.some(({ expression: { type } }) => type && this.dialect.codec(type).read);
  }

  #joined<T>(items: readonly T[], render: (item: T) => string): string {
    let text = '';
    for (const item of items) text += text === '' ? render(item) : `, ${render(item)}`;
    return text;
  }

  /** What a select reads under its own name is not renamed within it, and hides what has that name around it. */
  #enter(own: readonly SourceNode[]): void {
    const around = this.#around;
    if (around.length > 0) {
      const hidden = around.filter((source) => {
        const name = this.#renamed.get(source) ?? source.name;
        return own.some((other) => isSameName(other.name, name)) || this.#hidden.has(source);
      });
      this.#hidden = new Set(hidden.filter((source) => !own.includes(source)));
    }
    this.#beyond = around;
    this.#around = [...around, ...own];
    if (this.#renamed.size > 0) this.#renamed = new Map([...this.#renamed].filter(([source]) => !own.includes(source)));
  }

  #simple(node: SelectNode, naming: Naming): string {
    let text = `select ${node.distinct ? 'distinct ' : ''}${this.outputs(node.outputs, naming) || '1'}`;
    if (node.from) text += ` from ${this.source(node.from)}`;
    text += this.joins(node.joins) + this.where(node.where);
    const groups = this.#joined(node.groupBy, (by) => this.#term(by, node));
    return text + (groups && ` group by ${groups}`) + this.where(node.having, 'having');
  }

  joins(joins: readonly JoinNode[]): string {
    let text = '';
    for (const { type, source, on, within } of joins) {
      const table = this.source(source);
      const joined = within ? `(${table}${this.joins(within)})` : table;
      text += ` ${type === 'inner' ? '' : `${type} `}join ${joined} on ${this.expression(on)}`;
    }
    return text;
  }

  #compound(compound: Compound, naming: Naming): string {
    return compound.text((part) => this.select(part, naming), this.#terms);
  }

  outputs(outputs: readonly Output[], naming: Naming): string {
    const used = new Set<string>();
    return this.#joined(outputs, ({ name, expression }) => this.#output(name, expression as ColumnNode, naming, used));
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
    switch (node.kind) {
      case 'table':
      case 'view':
        return this.table(node.table);
      case 'alias':
        return `${this.table(node.table)} as ${name}`;
      case 'rows':
        this.values.push(node.list);
        return `(${node.text(this.dialect, () => this.#placeholder())}) as ${name}`;
      default:
        if (!node.cte) return `(${this.#alone(node.select, this.#beyond)}) as ${name}`;
        if (!this.#ctes.has(node)) this.#cte(node, name);
        return name;
    }
  }

  #cte(node: DerivedSource, name: string): void {
    if ([...this.#ctes.keys()].some((other) => other.name === node.name))
      throw new ConfigurationError(`two common table expressions are named '${node.name}'`);
    // Noted first, so that a recursive one only names itself; set last, so that it stands after those it reads.
    this.#ctes.set(node, '');
    const columns = node.recursive
      ? ` (${this.#joined(node.select.outputs, (output) => this.dialect.quote(output.name))})`
      : '';
    const hint = node.materialized === undefined ? '' : `${node.materialized ? '' : 'not '}materialized `;
    const text = `${name}${columns} as ${hint}(${this.#alone(node.select, [])})`;
    this.#ctes.delete(node);
    this.#ctes.set(node, text);
  }

  /** A select that reads nothing of what stands beside it. */
  #alone(node: SelectNode, around: readonly SourceNode[]): string {
    const outer = this.#around;
    this.#around = around;
    const text = this.select(node, 'inner');
    this.#around = outer;
    return text;
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
        return this.#list(node);
      case 'select':
        return this.select(node.node, 'inner');
      case 'scoped': {
        const outer = this.#renamed;
        this.#renamed = new Map(outer).set(node.from, node.name);
        const text = this.expression(node.item);
        this.#renamed = outer;
        return text;
      }
      default:
        return this.#fragment(node);
    }
  }

  #fragment(node: Fragment): string {
    this.#assertOrdered(node.orders);
    const { chain, literal } = node;
    if (literal) return withoutParameters(node.pieces[0] as Expression, this.dialect, literal);
    const pieces = chain === undefined ? node.written(this.dialect) : piecesOf(node);
    if (chain === undefined || pieces.length < 2 * CHAIN_TERMS) return this.#pieces(pieces);
    const terms = pieces.filter((piece) => typeof piece !== 'string');
    return balanced(
      terms.map((term) => this.expression(term)),
      chain,
    );
  }

  #pieces(pieces: readonly Piece[]): string {
    let text = '';
    for (const piece of pieces) text += typeof piece === 'string' ? piece : this.expression(piece);
    return text;
  }

  #assertOrdered(type: SqlType | undefined): void {
    const refusal = type && this.dialect.codec(type).unordered;
    if (refusal) throw refusal(this.dialect.name);
  }

  #column(node: ColumnNode): string {
    const name = this.dialect.quote(node.name);
    if (node.source === 'excluded') return `excluded.${name}`;
    if (!this.#qualified) return name;
    if (this.#hidden.size > 0 && this.#hidden.has(node.source))
      throw new ConfigurationError(
        `'${node.label}' is of a source whose name '${node.source.name}' means another one here: give one an alias()`,
      );
    const renamed = this.#renamed.get(node.source);
    if (renamed === undefined && !this.#around.includes(node.source) && !this.#literal)
      throw new ConfigurationError(
        `'${node.label}' is of '${node.source.name}', which the statement does not read there: add it by from() or a join`,
      );
    return `${this.dialect.quote(renamed ?? node.source.name)}.${name}`;
  }

  #constant({ value, type, bare }: Bind, codec: Codec, literal: (value: WireValue) => string): string {
    const text = literal(value === null ? null : codec.encode(value));
    // A literal has its type, but for whole numbers that are doubles or are written as text.
    const isTyped = bare || value === null || type.kind === 'integer' || type.kind === 'boolean';
    return isTyped ? text : (codec.bind?.(text) ?? text);
  }

  #bind(node: Bind): string {
    const { type, bare } = node;
    // A parameter by name may have found none.
    if ((type as SqlType | undefined) === undefined)
      throw new ConfigurationError(
        `${node.label} stands beside nothing that has a type: say it, as in param('x', text())`,
      );
    const codec = this.dialect.codec(type);
    if (this.#literal) return this.#constant(node, codec, this.#literal);
    this.values.push(node);
    const placeholder = this.#placeholder();
    return bare && !this.dialect.typedParameters ? placeholder : (codec.bind?.(placeholder) ?? placeholder);
  }

  #placeholder(): string {
    return this.dialect.placeholder(++this.parameters, this.#inOrder);
  }

  /** The rows of a list as one parameter, or each value as its own. */
  #list(node: List): string {
    const { rows, types } = node;
    const codecs = types.map((type) => this.dialect.codec(type));
    const [codec] = codecs;
    if (this.#literal) {
      return rows.map(([value]) => this.#literal!(codec!.encode(value))).join(', ') || 'select null where false';
    }
    this.values.push(node);
    const list = this.dialect.list(codecs);
    if (list) {
      const from = list.from(this.#placeholder());
      return `select ${types.map((_, at) => list.cell(at)).join(', ')} from ${from}`;
    }
    if (!codec || codecs.length > 1)
      throw new CapabilityError('keys of several columns, one of them double(), cannot be looked up as a list');
    // Nothing is in no rows, not even NULL.
    if (rows.length === 0) return 'select null where false';
    return Array.from({ length: writtenRows(node) }, () => {
      const placeholder = this.#placeholder();
      return codec.bind?.(placeholder) ?? placeholder;
    }).join(', ');
  }
}

/** An expression as text, with its values in it. */
export function withoutParameters(
  expression: Expression,
  dialect: Dialect,
  literal: (value: WireValue) => string,
): string {
  const renderer = new Renderer(dialect, { literal });
  return renderer.unqualified(() => renderer.expression(expression));
}

const NONE: ReadonlySet<SourceNode> = /* @__PURE__ */ new Set();

/** SQLite and MySQL take names that differ in case for one. */
function isSameName(left: string, right: string): boolean {
  return left.length === right.length && left.toLowerCase() === right.toLowerCase();
}

/** A table's name, with its schema where it has one. */
export function tableName(table: Pick<Table, 'name' | 'schema'>, dialect: Dialect): string {
  const name = dialect.quote(table.name);
  return table.schema === undefined ? name : `${dialect.quote(table.schema, true)}.${name}`;
}
