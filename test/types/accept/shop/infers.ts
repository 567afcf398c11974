// Everything that a program may export with an inferred type: a declaration file has to name it.
import {
  alias,
  and,
  coalesce,
  count,
  declarativeBase,
  deleteFrom,
  index,
  insert,
  integer,
  many,
  max,
  one,
  recursive,
  rowNumber,
  select,
  serialize,
  sql,
  text,
  union,
  update,
  when,
  type Engine,
  type Session,
} from 'cinnabar';
import { Company, Customer, Gold } from './customer.js';
import { Depot, Item, Order } from './order.js';

export const base = declarativeBase();
export const bare = base('bare', { id: integer().primaryKey(), label: text().nullable().hidden() });
export const column = text().nullable().unique();
export const relations = [many(Order), one(Customer).nullable()] as const;
export const attributes = Customer.c;
export const name = Customer.c.name;
export const condition = and(Customer.c.name.eq('x'), Customer.c.orders.some());
export const order = Customer.c.name.desc().nullsLast();
export const byName = index(Customer.c.name);
export const shown = coalesce(Customer.c.email, 'none');
export const size = when(Order.c.total.gt(9), 'big').when(Order.c.total.gt(1), 'middle');
export const text1 = sql<string>`x`;
export const functions = { count: count(), max: max(Order.c.total), row: rowNumber().over() };
export const Boss = alias(Customer, 'boss');
export const entities = select(Customer).with({ orders: { items: true } });
export const part = select(Order).loadOnly('total');
export const rows = select({ name: Customer.c.name, total: Order.c.total, boss: Boss, order: Order })
  .from(Customer)
  .leftJoin(Order, Order.c.customerId.eq(Customer.c.id))
  .innerJoin(Boss, Boss.c.id.eq(Customer.c.id));
export const sub = select({ id: Order.c.id, n: count() }).from(Order).subquery('sub');
export const tree = recursive('tree', select({ id: Order.c.id }).from(Order), (tree) =>
  select({ id: Order.c.id }).from(Order).innerJoin(tree, Order.c.parentId.eq(tree.c.id)),
);
export const both = union(select({ id: Order.c.id }).from(Order), select({ id: Item.c.id }).from(Item));
export const scalar = select({ n: count() }).from(Order).scalar();
export const writes = {
  insert: insert(Item),
  rows: insert(Item).values({ label: 'x' }),
  conflict: insert(Item).values({ label: 'x' }).onConflict('id'),
  update: update(Item).set({ label: 'x' }),
  delete: deleteFrom(Item).allRows(),
  returning: deleteFrom(Item).allRows().returning(),
  columns: deleteFrom(Item).allRows().returning({ label: Item.c.label }),
};

export const one1 = (session: Session) => session.get(Depot, { tenantId: 'a', id: 1 });
export const query = (session: Session) => session.query(Customer).where(Customer.c.name.eq('x'));
export const load = (session: Session) =>
  session
    .query(Customer)
    .with({ orders: { items: true, parent: true } })
    .all();
export const some = (session: Session) =>
  session
    .query(Customer)
    .with({ orders: select(Order).with({ items: true }).limit(3) })
    .one();
export const only = (session: Session) => session.query(Customer).loadOnly('name').with({ orders: true }).one();
export const subclasses = (session: Session) => [session.query(Company).one(), session.query(Gold).first()] as const;
export const dto = async (session: Session) => serialize((await load(session))[0]!, { orders: { items: true } });
export const json = (customer: Customer) => customer.toJSON();
export const batch = (session: Session) => session.batch([entities, rows]);
export const plain = (engine: Engine) => engine.batch([rows, select(Gold), select(Customer).loadOnly('name')]);
export const stream = (session: Session) => session.query(Order).stream();
export const transaction = (session: Session<true>) => session.transaction(async (tx) => tx.query(Order).first());
export const make = (session: Session) => {
  const customer = new Customer({ name: 'x', secret: 'x', orders: [new Order({ total: 1 })] });
  session.add(customer);
  return customer;
};
