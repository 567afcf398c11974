import {
  boolean,
  countOf,
  declarativeBase,
  type Expr,
  integer,
  many,
  one,
  ordered,
  placeAt,
  replaceItems,
  select,
  Session,
  text,
  writeOnly,
} from 'cinnabar';
import { expectTypeOf, test } from 'vitest';

const Model = declarativeBase();
class Device extends Model('devices', {
  id: integer().primaryKey(),
  name: text(),
  get events() {
    return writeOnly(Event, { by: 'deviceId' });
  },
  get alarms() {
    return many(Event, {
      by: 'deviceId',
      viewOnly: true,
      where: () => Event.c.isAlarm.eq(true),
      orderBy: ['at', 'id'],
    });
  },
}) {}
class Event extends Model('events', {
  id: integer().primaryKey(),
  at: integer(),
  isAlarm: boolean().default(false),
  deviceId: integer().references('devices.id'),
  get device() {
    return one(Device);
  },
}) {}

declare const session: Session;
declare const device: Device;
declare const event: Event;

test('a write-only relation takes in, takes out and is queried', async () => {
  device.events.add(event);
  device.events.remove(event, event);
  expectTypeOf(new Device({ name: 'x', events: [event] })).toEqualTypeOf<Device>();
  expectTypeOf(await session.all(device.events.select().where(Event.c.isAlarm.eq(true)).limit(3))).toEqualTypeOf<
    Event[]
  >();
  const [loaded] = await session.all(device.events.select().with({ device: true }));
  expectTypeOf(loaded!.device.value).toEqualTypeOf<Device>();
  expectTypeOf(Device.c.events.some(Event.c.isAlarm.eq(true))).toEqualTypeOf<Expr<boolean>>();
  expectTypeOf(countOf(Device.c.events)).toEqualTypeOf<Expr<number>>();
  expectTypeOf(session.get(Device, 1)).resolves.toEqualTypeOf<Device | null>();
});

test('and is not loaded', () => {
  // @ts-expect-error nothing to load
  session.query(Device).with({ events: true });
  // @ts-expect-error no items
  void device.events.items;
  // @ts-expect-error not awaited
  void device.events.then;
  // @ts-expect-error of another model
  device.events.add(device);
  // @ts-expect-error no column
  session.query(Device).filterBy({ events: [event] });
});

test('a view is read as any relation', async () => {
  const loaded = await session.query(Device).with({ alarms: true }).one();
  expectTypeOf(loaded.alarms.items).toEqualTypeOf<readonly Event[]>();
  replaceItems(loaded.alarms, [event]);
  // @ts-expect-error of another model
  replaceItems(loaded.alarms, [device]);
  void select(Device);
});

test('an ordered collection is a collection', async () => {
  class Album extends Model('albums', {
    id: integer().primaryKey(),
    get tracks() {
      return ordered(Track, { by: 'albumId', position: 'place' });
    },
  }) {}
  class Track extends Model('tracks', {
    id: integer().primaryKey(),
    place: integer().default(0),
    albumId: integer().references('albums.id'),
  }) {}
  const album = new Album({ tracks: [new Track({})] });
  expectTypeOf(await album.tracks).toEqualTypeOf<readonly Track[]>();
  placeAt(album.tracks, 0, new Track({}));
  // @ts-expect-error -- another model
  placeAt(album.tracks, 0, album);
  // @ts-expect-error -- its position is needed
  ordered(Track, { by: 'albumId' });
});
