// npm run bench:compile: what it takes to build and compile a select of four joins, beside Drizzle in the same process.
// Drizzle: npm ci --prefix bench
import { compile, compileWith } from '../../src/compiler/compile.ts';
import { wireValues } from '../../src/compiler/wire-values.ts';
import { StatementCache } from '../../src/compiler/statement-cache.ts';
import { sqliteDialect } from '../../src/dialect/sqlite/index.ts';
import { alias, and, type Select, select } from '../../src/index.ts';
import { type SelectHolder, selectOf } from '../../src/sql/expression.ts';
import { Audit, Author, Comment, Post } from '../support/model.ts';
import { table } from '../support/print-table.ts';
import { unlimited } from './limits.ts';

const ROUNDS = 41;
const WARM_UP = 10;
const TIMES = 5_000;

interface Text {
  readonly sql: string;
  readonly params: readonly unknown[];
}
type Compile = (age: number, countries: string[]) => Text;

const Reviewer = alias(Author, 'reviewer');

function build(age: number, countries: string[]): Select<unknown> {
  return select({
    id: Comment.c.id,
    body: Comment.c.body,
    title: Post.c.title,
    views: Post.c.views,
    author: Author.c.name,
    email: Author.c.email,
    reviewer: Reviewer.c.name,
    action: Audit.c.action,
  })
    .from(Comment)
    .innerJoin(Post, Post.c.id.eq(Comment.c.postId))
    .innerJoin(Author, Author.c.id.eq(Post.c.authorId))
    .leftJoin(Audit, Audit.c.authorId.eq(Author.c.id))
    .leftJoin(Reviewer, Reviewer.c.id.eq(Audit.c.id))
    .where(and(Author.c.age.gte(age), Author.c.country.in(countries), Author.c.lastLogin.isNull()))
    .orderBy(Post.c.views.desc(), Comment.c.id)
    .limit(20)
    .offset(40);
}

/** Nanoseconds that one run takes. */
function measure(run: Compile): number {
  const start = process.hrtime.bigint();
  let length = 0;
  for (let at = 0; at < TIMES; at++) length += run(at, ['NO', 'SE']).sql.length;
  if (length < TIMES) throw new Error('no text');
  return Number(process.hrtime.bigint() - start) / TIMES;
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((left, right) => left - right)[Math.floor(numbers.length / 2)]!;

/** The text made anew, as for a statement that is new. */
function uncached(statement: Select<unknown>): Text {
  const node = selectOf(statement, 'bench');
  const { text, values } = compileWith(new StatementCache(0), node, sqliteDialect, unlimited);
  return { sql: text.sql, params: wireValues(values, sqliteDialect) };
}

const whole = build(30, ['NO', 'SE']);
const contenders: Record<string, Compile> = {
  'build': (age, countries) => ({ sql: (build(age, countries) as object as SelectHolder).node.kind, params: [] }),
  'compile, cache warm': () => compile(selectOf(whole, 'bench'), sqliteDialect, unlimited),
  'build and compile, cache warm': (age, countries) =>
    compile(selectOf(build(age, countries), 'bench'), sqliteDialect, unlimited),
  'build and compile, no cache': (age, countries) => uncached(build(age, countries)),
};
const drizzle = await import(new URL('drizzle.js', import.meta.url).href).then(
  (module: { fourJoins: Compile }) => module.fourJoins,
  () => undefined,
);
if (drizzle) contenders['Drizzle, build and compile'] = drizzle;
else console.log('Drizzle: skipped, it is not installed (npm ci --prefix bench)');

const times = new Map(Object.keys(contenders).map((name) => [name, [] as number[]]));
for (let round = -WARM_UP; round < ROUNDS; round++) {
  for (const [name, run] of Object.entries(contenders)) {
    const spent = measure(run);
    if (round >= 0) times.get(name)!.push(spent);
  }
}
const floor = times.get('Drizzle, build and compile');
const rows = [...times].map(([name, spent]) => {
  const ratio = floor && median(spent.map((each, at) => each / floor[at]!)).toFixed(2);
  return [name, (median(spent) / 1000).toFixed(2), ratio ?? ''];
});
console.log(table(['what', 'µs', 'over Drizzle'], rows));
