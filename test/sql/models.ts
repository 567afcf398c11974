import { bigint, boolean, declarativeBase, double, integer, json, numeric, text, timestamp } from 'cinnabar';
import type { TestDatabase } from '../support/database.ts';

export const Model = declarativeBase();

export class Shelf extends Model('shelves', {
  id: integer().primaryKey(),
  label: text(),
  above: integer().nullable(),
}) {}

export class Item extends Model('items', {
  id: integer().primaryKey(),
  name: text(),
  qty: integer().nullable(),
  price: numeric(10, 2).default('1.00'),
  rate: double().default(0.5),
  flag: boolean().default(false),
  big: bigint().default(0n),
  at: timestamp().default(() => new Date(0)),
  meta: json<unknown>().default({}),
  shelfId: integer().nullable().references('shelves.id'),
}) {}

export class Wide extends Model('wides', { id: integer().primaryKey(), exact: numeric(20, 4) }) {}

/** Items: ant 5, bee none, cat 7, dog 5; two shelves, the second below the first. */
export async function givenItems(db: TestDatabase): Promise<void> {
  const prices = db.by({ sqlite: [150, 250, 1000, -5], postgres: [1.5, 2.5, 10, -0.05] });
  await db.run(
    `insert into shelves (id, label, above) values (1, 'top', null), (2, 'low', 1)`,
    `insert into items (id, name, qty, price, rate, flag, big, at, meta, shelf_id) values
      (1, 'ant', 5, ${prices[0]}, 0.1, true, 9007199254740993, '2020-01-01T00:00:00.000Z', '{"a":1}', 1),
      (2, 'bee', null, ${prices[1]}, 0.2, false, 2, '2021-01-01T00:00:00.000Z', '[]', 1),
      (3, 'cat', 7, ${prices[2]}, 0.3, false, 10, '2022-01-01T00:00:00.000Z', 'null', 2),
      (4, 'dog', 5, ${prices[3]}, 0.4, true, 9, '2023-01-01T00:00:00.000Z', '"x"', null)`,
  );
  await db.advanceKeys();
}
