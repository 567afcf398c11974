import { decoderOf } from '../../compiler/compile.ts';
import { ConfigurationError } from '../../errors/errors.ts';
import type { AnyExpr, Expr } from '../../sql/expr.ts';
import { expressionOf } from '../../sql/expression.ts';
import type { Entity } from '../../sql/model.ts';
import type { Extra, Output } from '../../sql/nodes.ts';
import { isRecord, kindOf } from '../../util/brand.ts';
import { mapperOfSelect } from '../loading/entity-query.ts';
import type { Mapper } from '../mapping/mapper.ts';
import { QueryBuilder, type Query } from './query.ts';

/** The values of expressions, by their names. */
export type Annotations<X> = {
  // oxlint-disable-next-line typescript/no-explicit-any -- of any source
  readonly [K in keyof X]: X[K] extends Expr<infer V, any> ? V : never;
};

/**
 * The same query, where each entity comes with the values of further expressions: counts, sums, what several columns make
 * together. They are read in the same round trip, and only by this query. They are no columns: not written, not in
 * `toJSON()` nor in a copy, and as old as the query.
 *
 * @example
 * const posts = select({ n: count() }).from(Post).where(Post.c.authorId.eq(User.c.id)).scalar()
 * for (const user of await annotate(session.query(User), { posts }).all()) console.log(user.name, user.posts)
 * // select "users"."id", …, (select count(*) as "n" from "posts" where "posts"."author_id" = "users"."id") as "posts" from "users"
 * @throws ConfigurationError for a name that the model has already.
 */
export function annotate<E extends Entity, const X extends Readonly<Record<string, AnyExpr>>>(
  query: Query<E>,
  expressions: X,
): Query<E & Annotations<X>> {
  const builder: object = query;
  if (!(builder instanceof QueryBuilder))
    throw new ConfigurationError(`annotate(): expected a query, like session.query(User), got ${kindOf(query)}`);
  if (!isRecord(expressions))
    throw new ConfigurationError(`annotate(): expected expressions by name, got ${kindOf(expressions)}`);
  const mapper = mapperOfSelect(builder.node);
  const outputs = Object.entries(expressions).map(([name, expression]): Output => {
    assertFree(mapper, name);
    return { name, expression: expressionOf(expression, `annotate(): '${name}'`) };
  });
  const before = builder.node.extra;
  const annotated: object = builder.change(
    'extra',
    before ? both(before, outputs, builder) : reading(outputs, builder),
  );
  return annotated as Query<E & Annotations<X>>;
}

function both(before: Extra, outputs: readonly Output[], builder: QueryBuilder): Extra {
  return reading([...before.outputs, ...outputs], builder);
}

function assertFree(mapper: Mapper, name: string): void {
  const own: unknown = mapper.class?.prototype;
  const isTaken = mapper.column(name) ?? mapper.relations.get(name);
  if (!isTaken && !(typeof own === 'object' && own !== null && name in own)) return;
  throw new ConfigurationError(`annotate(): ${mapper.name} has '${name}' already; choose another name`, {
    model: mapper.name,
    attributes: [name],
  });
}

function reading(outputs: readonly Output[], { dialect }: QueryBuilder): Extra {
  const decoders = outputs.map((output) => decoderOf(output, dialect));
  return {
    outputs,
    take: (rows, entities, at) => {
      rows.forEach((row, index) => {
        outputs.forEach(({ name }, place) => {
          const raw = row[at + place];
          const value = decoders[place] ? decoders[place](raw) : raw;
          Object.defineProperty(entities[index]!, name, { value, configurable: true });
        });
      });
    },
  };
}
