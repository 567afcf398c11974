import { declarativeBase, integer, text } from 'cinnabar';

export const Model = declarativeBase();

export class Note extends Model('notes', {
  id: integer().primaryKey(),
  body: text(),
  /** How many words are in the body. */
  words: integer(),
}) {}
