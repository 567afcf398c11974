import { boolean, declarativeBase, double, index, integer, text } from 'cinnabar';
import type { TestDatabase } from '../support/database.ts';

export const Model = declarativeBase();

export class Product extends Model(
  'products',
  {
    id: integer().primaryKey(),
    code: text(),
    shop: text(),
    price: integer(),
    weight: double().nullable(),
    active: boolean().default(true),
  },
  { unique: [['shop', 'code']] },
).constrain((c) => ({ indexes: [index(c.code).unique().where(c.active.eq(true))] })) {}

export class Offer extends Model('offers', {
  id: integer().primaryKey(),
  productId: integer().references('products.id'),
  price: integer(),
}) {}

/** Products 1 to 4, of two shops; offers of the first two. */
export async function givenProducts(db: TestDatabase): Promise<void> {
  await db.run(
    `insert into products (id, code, shop, price, weight, active) values
      (1, 'a', 'north', 10, 0.5, true), (2, 'b', 'north', 20, null, true), (3, 'c', 'south', 30, 1.5, true), (4, 'd', 'south', 40, 2, false)`,
    `insert into offers (id, product_id, price) values (1, 1, 5), (2, 2, 15)`,
  );
  await db.advanceKeys();
}
