// The other half.
import { boolean, integer, json, many, one, text } from 'cinnabar';
import { Model, Tenanted } from './base.js';
// oxlint-disable-next-line import/no-cycle -- see there
import { Customer, type CustomerId } from './customer.js';

export class Order extends Model('orders', {
  id: integer().primaryKey(),
  total: integer().default(0),
  paid: boolean().default(false),
  notes: json<{ lines: string[] }>().default({ lines: [] }),
  customerId: integer<CustomerId>().references('customers.id'),
  parentId: integer().nullable().references('orders.id'),
  get customer() {
    return one(Customer, { by: 'customerId' });
  },
  get parent() {
    return one(Order, { by: 'parentId' }).nullable();
  },
  get items() {
    return many(Item, { through: 'order_items' });
  },
}).constrain((c) => ({ checks: { total: c.total.gte(0) } })) {
  who() {
    return this.customer;
  }
}

export class Item extends Model('items', {
  id: integer().primaryKey(),
  label: text(),
  get orders() {
    return many(Order, { through: 'order_items' });
  },
}) {}

export class Depot extends Tenanted('depots', { id: integer().primaryKey({ generated: false }), name: text() }) {}
