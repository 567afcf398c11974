// Half of a cycle between two modules.
import { enumeration, extend, integer, many, one, text } from 'cinnabar';
import { Model } from './base.js';
// oxlint-disable-next-line import/no-cycle -- the cycle is what is tested: getters make it harmless
import { Order } from './order.js';

export type CustomerId = number & { readonly __brand: 'customer' };

export class Customer extends Model('customers', {
  id: integer<CustomerId>().primaryKey(),
  name: text(),
  email: text().unique().nullable(),
  secret: text().hidden(),
  tier: enumeration('plain', 'gold').default('plain'),
  companyId: integer<CustomerId>().nullable().references('companies.id'),
  get company() {
    return one(Company, { by: 'companyId' }).nullable();
  },
  get orders() {
    return many(Order, { by: 'customerId' });
  },
}) {
  static readonly kinds = 2;
  get label() {
    return `${this.name} (${this.tier})`;
  }
  async total() {
    return (await this.orders).reduce((sum, order) => sum + order.total, 0);
  }
}

/** Of a base that has a relation to it: a cycle through the inheritance. */
export class Company extends extend(Customer, 'companies', {
  vat: text(),
  get staff() {
    return many(Customer, { by: 'companyId' });
  },
}) {}
export class Gold extends extend(Customer, { tier: 'gold' }, { since: integer().nullable() }) {}
