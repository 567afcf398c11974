import { utf8Length } from '../util/utf8.ts';
import { InternalError, LimitExceeded } from '../errors/errors.ts';
import type { Bind, ColumnNode, List, Piece } from '../sql/expression.ts';
import type { Output, Rewriting, StatementNode } from '../sql/nodes.ts';
import { decodeCell, unreadable } from './decode.ts';
import type { Dialect } from './dialect.ts';
import { Renderer } from './render.ts';
import type { Limits, Statement } from './statement.ts';
import { StatementCache } from './statement-cache.ts';
import { StructureWalk } from './structure.ts';
import { wireValues } from './wire-values.ts';

/** A statement's text and values, and how to read its answer. */
export interface Compiled extends Statement {
  /** How each column of the result is decoded; undefined where it is as it comes. */
  readonly decoders: readonly (((raw: unknown) => unknown) | undefined)[];
}

/** A statement without its values. */
export type Text = Pick<Compiled, 'sql' | 'decoders'>;

/** Tokens that the cache of a database holds: a few hundred statements. */
const CACHED_TOKENS = 50_000;

/** A driver's limits are one object, and its dialect one. */
const caches = new WeakMap<Limits, StatementCache<Text>>();

/**
 * The text of a statement, made once for all of the same structure, and its values.
 *
 * @throws LimitExceeded where the statement is larger than the database takes.
 */
export function compile(node: StatementNode, dialect: Dialect, limits: Limits, rewriting?: Rewriting): Compiled {
  const { text, values } = compileValues(node, dialect, limits, rewriting);
  return { sql: text.sql, params: wireValues(values, dialect), decoders: text.decoders };
}

/** A statement's text, and its values as the program gave them. */
export interface TextAndValues {
  readonly text: Text;
  readonly values: readonly (Bind | List)[];
}

export function compileValues(
  node: StatementNode,
  dialect: Dialect,
  limits: Limits,
  rewriting?: Rewriting,
): TextAndValues {
  let cache = caches.get(limits);
  if (!cache) caches.set(limits, (cache = new StatementCache(CACHED_TOKENS)));
  try {
    return compileWith(cache, node, dialect, limits, rewriting);
  } catch (error) {
    // Not every runtime has the stack that the limits of a database would take.
    if (error instanceof RangeError && /stack|string length/.test(error.message))
      throw new LimitExceeded('a statement is nested too deeply, or is too long, to be made: split it up');
    throw error;
  }
}

/** The same with a cache of one's own. */
export function compileWith(
  cache: StatementCache<Text>,
  given: StatementNode,
  dialect: Dialect,
  limits: Limits,
  rewriting?: Rewriting,
): TextAndValues {
  const whole = given.kind === 'insert' && given.many ? given.many.asParameter(given, dialect) : given;
  const node = rewriting && whole.kind !== 'select' ? rewriting.write(whole) : whole;
  const pieces = writtenPieces(node, dialect);
  const walk = new StructureWalk(dialect, limits, rewriting).statement(node, pieces);
  return {
    text: cache.find(walk.tokens, () => render(node, pieces, walk, dialect, limits, rewriting)),
    values: walk.values,
  };
}

function writtenPieces(node: StatementNode, dialect: Dialect): readonly Piece[] {
  if (node.kind === 'insert') return node.written(node, dialect);
  return node.kind === 'update' ? node.written(node, dialect) : [];
}

function render(
  node: StatementNode,
  pieces: readonly Piece[],
  { values, inOrder }: StructureWalk,
  dialect: Dialect,
  limits: Limits,
  rewriting: Rewriting | undefined,
): Text {
  const renderer = new Renderer(dialect, { terms: limits.compoundTerms, inOrder, rewriting });
  const body = node.kind === 'select' ? renderer.select(node, 'wire') : renderer.write(node, pieces);
  const sql = renderer.withClause() + body;
  const outputs = node.kind === 'select' ? node.outputs : node.returning;
  const sizes = [
    [renderer.parameters, limits.parameters, 'parameters'],
    [outputs.length, limits.columns, 'columns'],
    [utf8Length(sql, limits.statementBytes), limits.statementBytes, 'bytes of SQL'],
  ] as const;
  for (const [size, limit, what] of sizes) {
    if (size > limit)
      throw new LimitExceeded(`a statement has ${size} ${what}; the database takes ${limit}. Split it into several`);
  }
  if (renderer.values.some((value, at) => value !== values[at])) throw new InternalError('values out of order');
  return { sql, decoders: outputs.map((output) => decoderOf(output, dialect)) };
}

/** How a column of a result is decoded; undefined where it is as it comes. */
export function decoderOf({ name, expression }: Output, dialect: Dialect): ((raw: unknown) => unknown) | undefined {
  const codec = expression.type && dialect.codec(expression.type);
  if (!codec) return undefined;
  const { column } = expression as Partial<ColumnNode>;
  if (column) return codec.plain ? undefined : (raw) => decodeCell(codec, raw, column);
  const { computed } = codec;
  if (codec.plain && !computed) return undefined;
  return (raw) => {
    try {
      return computed ? computed(raw) : codec.decode(raw);
    } catch (error) {
      throw unreadable(error, name);
    }
  };
}
