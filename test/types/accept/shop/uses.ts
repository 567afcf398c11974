// What the modules beside this one declare, in use: from their sources, and from the declaration files made of them.
import { type Json, type KeyOf, type Loaded, type NewValues, type Session, type Values } from 'cinnabar';
import { Company, Customer, Gold, type CustomerId } from './customer.js';
import * as shop from './infers.js';
import { Depot, Order } from './order.js';

export async function use(session: Session): Promise<unknown[]> {
  const customers = await session
    .query(Customer)
    .where(Customer.c.tier.eq('gold'), Customer.c.orders.some(Order.c.paid.eq(true)))
    .with({ orders: { items: { orders: true } } })
    .all();
  const label: string = customers[0]!.orders.items[0]!.items.items[0]!.label;
  const total: Promise<number> = customers[0]!.total();
  const parent: number | undefined = (await shop.load(session))[0]!.orders.items[0]!.parent.value?.total;
  const subset: string = (await shop.some(session)).orders.subset[0]!.items.items[0]!.label;
  const partial: string = (await shop.only(session)).name;
  const dto: string = (await shop.dto(session)).orders[0]!.items[0]!.label;
  const depot: string | undefined = (await session.get(Depot, { tenantId: 'a', id: 1 }))?.name;
  const employer = await session
    .query(Customer)
    .with({ company: { staff: true } })
    .one();
  const vat: string | undefined = employer.company.value?.vat;
  const colleague: string | undefined = employer.company.value?.staff.items[0]?.name;
  const [, [row]] = await shop.batch(session);
  const found: { name: string; total: number | null; boss: Customer; order: Order | null } = row!;
  const company: string = new Company({ name: 'x', secret: 'x', vat: 'x' }).label;
  const gold: 'gold' = new Gold({ name: 'x', secret: 'x' }).tier;
  const who: string = (await new Order({ total: 1 }).who()).name;
  const values: Values<Order>['customerId'] = 1 as CustomerId;
  const fresh: NewValues<Order> = { customerId: values };
  const key: KeyOf<Depot> = { tenantId: 'a', id: 1 };
  const json: Json<Customer> = shop.json(shop.make(session));
  const takes = (customer: Loaded<Customer, { orders: true }>): number => customer.orders.items.length;
  // @ts-expect-error name is needed
  const nameless = new Customer({ secret: 'x' });
  // @ts-expect-error no relation of Customer
  const wrong = session.query(Customer).with({ items: true });
  // @ts-expect-error the customer was not loaded
  void customers[0]!.orders.items[0]!.customer.value;
  // @ts-expect-error an order is no customer
  session.add(new Order({ total: 1, customer: new Order({}) }));
  // @ts-expect-error hidden
  void json.secret;
  // @ts-expect-error email was not read
  void (await shop.only(session)).email;
  // @ts-expect-error a title may be null after a left join
  const sure: number = row!.total;
  const rest = [nameless, wrong, sure, fresh, key, takes(customers[0]!)];
  return [label, total, vat, colleague, parent, subset, partial, dto, depot, found, company, gold, who, ...rest];
}
