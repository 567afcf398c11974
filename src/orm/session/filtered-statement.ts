import { ConfigurationError } from '../../errors/errors.ts';
import type { Table } from '../../schema/table.ts';
import { logical, Scoped, type Expression, type ExpressionNode } from '../../sql/expression.ts';
import type { JoinNode, Rewriting, SelectNode, SourceNode, WriteNode } from '../../sql/nodes.ts';
import { tableSource } from '../../sql/source.ts';
import { someExpression } from '../../sql/tree.ts';

/** What the rows of a table are seen by; `lifted` are the filters that a select goes without. */
type Conditions = (table: Table, lifted: readonly object[]) => readonly Expression[];

/** Puts the conditions of filters beside every table that a statement reads or writes. */
export class FilteredStatement implements Rewriting {
  readonly #conditions: Conditions;
  readonly #known = new Map<SelectNode, SelectNode>();
  /** Selects within the conditions themselves: a filter is taken as it is written. */
  readonly #exempt = new Set<SelectNode>();

  constructor(conditions: Conditions) {
    this.#conditions = conditions;
  }

  select(node: SelectNode): SelectNode {
    if (this.#exempt.has(node)) return node;
    let known = this.#known.get(node);
    if (!known) {
      this.#known.set(node, (known = this.#filtered(node)));
      this.#known.set(known, known);
    }
    return known;
  }

  #filtered(node: SelectNode): SelectNode {
    const { from, lifted = [] } = node;
    if (!from || node.compound) return node;
    const { joins, where } = this.#joins(node.joins, lifted);
    const all = [...this.#of(from, lifted), ...where];
    if (all.length === 0 && joins.every((join, at) => join === node.joins[at])) return node;
    if (joins.some(({ type }) => type === 'right' || type === 'full'))
      throw new ConfigurationError(
        'a right or full join of rows that a filter is on: join a subquery() of them, or lift() the filter',
      );
    return { ...node, joins, where: [...node.where, ...all] };
  }

  /** The joins of a statement, and the conditions that go to its WHERE. */
  #joins(
    given: readonly JoinNode[],
    lifted: readonly object[],
  ): { readonly joins: readonly JoinNode[]; readonly where: readonly Expression[] } {
    const where: Expression[] = [];
    const joins = given.map((join) => {
      const own = [join.source, ...(join.within ?? []).map(({ source }) => source)].flatMap((source) =>
        this.#of(source, lifted),
      );
      // Rows that an outer join does not find leave those before it as they are.
      if (own.length > 0 && join.type === 'left') return { ...join, on: logical('and', [join.on, ...own]) };
      where.push(...own);
      return own.length > 0 ? { ...join } : join;
    });
    return { joins, where };
  }

  #of(source: SourceNode, lifted: readonly object[]): readonly Expression[] {
    if (source.kind !== 'table' && source.kind !== 'alias') return [];
    const { table } = source;
    const found = this.#conditions(table, lifted);
    for (const condition of found) {
      someExpression(condition, (item) => {
        const node = item as ExpressionNode;
        if (node.kind === 'select') this.#exempt.add(node.node);
        return false;
      });
    }
    return source.kind === 'table'
      ? found
      : found.map((condition) => new Scoped(condition, tableSource(table), source.name));
  }

  write(node: WriteNode): WriteNode {
    const own = this.#of(tableSource(node.table), []);
    if (node.kind === 'delete') return own.length > 0 ? { ...node, where: [...node.where, ...own] } : node;
    if (node.kind === 'update') {
      const { joins, where } = this.#joins(node.joins ?? [], []);
      const read = node.from ? this.#of(node.from, []) : [];
      const from = node.joins ? { joins } : {};
      return { ...node, ...from, where: [...node.where, ...own, ...read, ...where] };
    }
    // A row that is there already, and is not seen, is not changed.
    const { conflict } = node;
    if (!conflict?.set || own.length === 0) return node;
    return { ...node, conflict: { ...conflict, where: [...conflict.where, ...own] } };
  }
}
