import { boolean, declarativeBase, integer, many, one, text, writeOnly } from 'cinnabar';

export const Model = declarativeBase();

export class Author extends Model('authors', {
  id: integer().primaryKey(),
  name: text(),
  favouriteId: integer().nullable().references('books.id'),
  get books() {
    return many(Book, { by: 'authorId', orderBy: () => [Book.c.sold.desc(), Book.c.title] });
  },
  get byTitle() {
    return many(Book, { by: 'authorId', viewOnly: true, orderBy: ['title', 'sold'] });
  },
  get published() {
    return many(Book, { by: 'authorId', viewOnly: true, where: () => Book.c.published.eq(true) });
  },
  get favourite() {
    return one(Book, { by: 'favouriteId' }).nullable();
  },
  get publishedFavourite() {
    return one(Book, { by: 'favouriteId', viewOnly: true, where: () => Book.c.published.eq(true) }).nullable();
  },
  get mentor() {
    return one(Author, { by: 'mentorId' }).nullable();
  },
  get famousPupils() {
    return many(Author, { by: 'mentorId', viewOnly: true, where: () => Author.c.name.like('A%') });
  },
  mentorId: integer().nullable().references('authors.id'),
}) {}

export class Book extends Model('books', {
  id: integer().primaryKey(),
  title: text(),
  sold: integer().default(0),
  published: boolean().default(false),
  authorId: integer().references('authors.id'),
  get author() {
    return one(Author, { by: 'authorId' });
  },
  get labels() {
    return many(Label, { through: 'book_labels' });
  },
  get shortLabels() {
    return many(Label, { through: 'book_labels', viewOnly: true, where: () => Label.c.word.like('_') });
  },
}) {}

export class Label extends Model('labels', { id: integer().primaryKey(), word: text() }) {}

export const Devices = declarativeBase();

export class Device extends Devices('devices', {
  id: integer().primaryKey(),
  name: text(),
  get events() {
    return writeOnly(Event, { by: 'deviceId', cascade: 'delete' });
  },
  get groups() {
    return writeOnly(Group, { through: 'device_groups' });
  },
}) {}

export class Event extends Devices('events', {
  id: integer().primaryKey(),
  what: text(),
  deviceId: integer().references('devices.id'),
  get device() {
    return one(Device, { by: 'deviceId' });
  },
}) {}

export class Group extends Devices('groups', { id: integer().primaryKey(), name: text() }) {}

export const Folders = declarativeBase();

export class Folder extends Folders('folders', {
  id: integer().primaryKey(),
  name: text(),
  get files() {
    return many(File, { by: 'folderId', cascade: 'delete', passiveDeletes: true });
  },
  get notes() {
    return many(Note, { by: 'folderId', passiveDeletes: true });
  },
}) {}

export class File extends Folders('files', {
  id: integer().primaryKey(),
  name: text(),
  folderId: integer().references('folders.id', { onDelete: 'cascade' }),
  get folder() {
    return one(Folder, { by: 'folderId' });
  },
  get versions() {
    return many(Version, { by: 'fileId', cascade: 'delete' });
  },
}) {}

export class Version extends Folders('versions', {
  id: integer().primaryKey(),
  fileId: integer().references('files.id', { onDelete: 'cascade' }),
}) {}

export class Note extends Folders('notes', {
  id: integer().primaryKey(),
  text: text(),
  folderId: integer().nullable().references('folders.id', { onDelete: 'set null' }),
  get folder() {
    return one(Folder, { by: 'folderId' }).nullable();
  },
}) {}
