// A model that another one names by its table, so that neither module needs the other at run time.
import { integer, one } from 'cinnabar';
import { Model } from './models.ts';

export class Member extends Model('members', {
  id: integer().primaryKey(),
  clubId: integer().references('clubs.id'),
  chairOf: integer().nullable().references('clubs.id'),
  get club() {
    return one<typeof Member>('members', { by: 'clubId' });
  },
}) {}
