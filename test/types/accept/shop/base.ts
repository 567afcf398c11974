import { declarativeBase, timestamp, uuid } from 'cinnabar';

export const Model = declarativeBase({ columns: { createdAt: timestamp().default(() => new Date()) } });
export const Tenanted = Model.with({ tenantId: uuid().primaryKey() });
