import { alias, createAll, createEngine, insert, update } from 'cinnabar';
import { Pool } from 'pg';
import { afterAll, expect, test } from 'vitest';
import { pg } from 'cinnabar/pg';
import { Model, Product } from '../sql/stock.ts';
import { postgresDatabase } from '../support/postgres.ts';

const url = postgresDatabase();
let pool: Pool | undefined;
afterAll(() => pool?.end());

test('RETURNING of an update that reads another row of its table names the columns of the one', async () => {
  const engine = createEngine(pg((pool ??= new Pool({ connectionString: url(), pipeline: true }))));
  await createAll(engine, Model.metadata);
  await engine.run(
    insert(Product).values({ code: 'a', shop: 'north', price: 10 }, { code: 'b', shop: 'north', price: 20 }),
  );
  const Other = alias(Product, 'other');
  const changed = update(Product)
    .set({ price: Other.c.price.plus(1) })
    .from(Other)
    .where(Other.c.code.eq('b'), Product.c.code.eq('a'));

  expect(await engine.all(changed.returning({ id: Product.c.id, price: Product.c.price }))).toEqual([
    { id: 1, price: 21 },
  ]);
  expect(await engine.all(changed.returning())).toMatchObject([{ id: 1, code: 'a', price: 21 }]);
});
