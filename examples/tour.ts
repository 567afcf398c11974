// The demo itself, from top to bottom. A step goes on until the next begins, and says how many round trips it is to take.
// `expect` throws when a result is not the one that is meant. Where all this runs is decided by the driver it is given.
import { and, createAll, createEngine, isCinnabarError, or, serialize, Session } from 'cinnabar';
import type { Driver } from 'cinnabar';
import { Model, Post, Tag, User } from './models.ts';
import { Recorder, type StepRecord } from './recorder.ts';

export async function tour(driver: Driver, done: (step: StepRecord) => void): Promise<void> {
  const { step, expect, end, log } = new Recorder(done);
  // What only checks a result goes through an engine of its own, and is not counted.
  const checks = createEngine(driver);
  const names = (users: readonly User[]): string[] => users.map((user) => user.name);
  const labels = (tags: readonly { label: string }[]): string[] => tags.map((tag) => tag.label);

  step('Create an engine', 'Of a driver: libsql(createClient({ url })), d1(env.DB). Nothing is sent yet.', 0);
  const engine = createEngine(driver, { log });
  expect('engine.roundTrips', engine.roundTrips, 0);

  step('Declare models', 'models.ts: one class is the table, the types and the methods. No code is generated.', 0);
  const ann = new User({ name: 'Ann', email: 'ann@example.com' });
  expect('ann.greeting, a getter of the class', ann.greeting, 'Hello, Ann');
  expect('ann.id, to be made by the database', ann.id, undefined);

  step('Create tables', 'Those of the models, the ones referred to first, as one unit.', 1);
  await createAll(engine, Model.metadata);
  expect('users so far', await new Session(checks).query(User).count(), 0);

  step('Add one', 'A session collects what is to be written; commit() sends it.', 1);
  const session = new Session(engine);
  session.add(ann);
  await session.commit();
  expect('ann.id', ann.id, 1);

  step('Add many', 'Rows of one table travel as one JSON parameter: one statement, whatever their number.', 1);
  const bob = new User({ name: 'Bob', manager: ann });
  const cleo = new User({ name: 'Cleo', manager: ann });
  const dan = new User({ name: 'Dan', manager: ann });
  session.addAll([bob, cleo, dan]);
  await session.commit();
  expect('their ids', [bob.id, cleo.id, dan.id], [2, 3, 4]);

  step('Query all', 'A row that the session knows comes back as the object it already is.', 1);
  const everyone = await session.query(User).orderBy(User.c.name).all();
  expect('their names', names(everyone), ['Ann', 'Bob', 'Cleo', 'Dan']);
  expect('everyone[0] === ann', everyone[0] === ann, true);

  step('Filter with and, or', 'Attributes of the class are typed expressions. Values are always bound.', 1);
  const isBoss = and(User.c.managerId.isNull(), User.c.email.like('%@example.com'));
  const isNamed = User.c.name.in(['Bob', 'Dan', 'Zoe']);
  const found = await session.query(User).where(or(isBoss, isNamed)).all();
  expect('their names', names(found), ['Ann', 'Bob', 'Dan']);

  step('Update by assignment', 'Assign and commit: what changed is sent, and nothing else.', 1);
  ann.name = 'Anna';
  await session.commit();
  expect('ann.name', ann.name, 'Anna');
  const inDatabase = await new Session(checks).query(User).filterBy({ id: 1 }).one();
  expect('her name in the database', inDatabase.name, 'Anna');

  step('Delete', 'Whoever refers to the row by a nullable key (reports of Dan, had he any) lets go first.', 1);
  session.delete(dan);
  await session.commit();
  expect('Dan in the database', await new Session(checks).get(User, 4), null);

  step('Write a graph', 'Four tables. Keys are computed where they are made, so children can name them at once.', 1);
  const edge = new Tag({ label: 'edge' });
  const sqlite = new Tag({ label: 'sqlite' });
  const hello = new Post({ title: 'Hello, edge', published: true, tags: [edge, sqlite] });
  const trips = new Post({ title: 'One round trip', tags: [sqlite] });
  const draft = new Post({ title: 'A draft' });
  const eve = new User({ name: 'Eve', email: 'eve@example.com', posts: [hello, trips, draft] });
  session.add(eve);
  await session.commit();
  expect('hello.authorId === eve.id', hello.authorId === eve.id, true);
  expect('ids of her posts', [hello.id, trips.id, draft.id], [1, 2, 3]);
  expect('ids of the tags', [edge.id, sqlite.id], [1, 2]);

  step('Load the graph', 'with() takes relations of any depth along, in the round trip of the query itself.', 1);
  const query = new Session(engine).query(User).where(User.c.name.eq('Eve'));
  const copy = await query.with({ posts: { tags: true } }).one();
  const plain = serialize(copy, { posts: { tags: true } });
  const loaded = plain.posts.map((post) => [post.title, ...labels(post.tags)]);
  expect('posts and their tags', loaded, [
    ['Hello, edge', 'edge', 'sqlite'],
    ['One round trip', 'sqlite'],
    ['A draft'],
  ]);

  step('Lazy loads in a loop', 'The first await loads the posts of every user: one more trip, not N more.', 2);
  const sizes: string[] = [];
  for (const user of await new Session(engine).query(User).orderBy(User.c.name).all()) {
    const posts = await user.posts;
    sizes.push(`${user.name}: ${posts.length}`);
  }
  expect('posts', sizes, ['Anna: 0', 'Bob: 0', 'Cleo: 0', 'Eve: 3']);

  step('Move a child', 'Add it to another parent: both collections and the foreign key follow.', 1);
  bob.posts.add(draft);
  await session.commit();
  expect('draft.authorId === bob.id', draft.authorId === bob.id, true);
  expect('posts of eve', (await eve.posts).length, 2);

  step('Change a many-to-many', 'add() and remove() of a collection write the link table.', 1);
  trips.tags.add(edge);
  hello.tags.remove(sqlite);
  await session.commit();
  expect('tags of the second post', labels(await trips.tags), ['sqlite', 'edge']);
  const isTagged = Post.c.tags.some(Tag.c.label.eq('edge'));
  expect('posts tagged edge in the database', await new Session(checks).query(Post).where(isTagged).count(), 2);

  step('Fail, correct, commit', 'A failed commit writes nothing and loses nothing: all is still pending.', 2);
  const again = new Post({ title: 'Again' });
  const twin = new User({ name: 'Eve', email: 'eve@example.com', posts: [again] });
  session.add(twin);
  const error = await session.commit().catch((reason: unknown) => reason);
  if (!isCinnabarError(error, 'UniqueViolation')) throw error;
  twin.email = 'eve.two@example.com';
  await session.commit();
  expect('error.code', error.code, 'UniqueViolation');
  expect('error.attributes', error.attributes, ['email']);
  expect('error.outcome', error.outcome, 'not committed');
  expect('twin.id, after the correction, is a number', typeof twin.id, 'number');
  expect('again.authorId === twin.id', again.authorId === twin.id, true);

  step('Refuse stale data', 'Two sessions read a row; the second to write is told, in that one trip.', 4);
  const [mine, yours] = [new Session(engine), new Session(engine)];
  const a = await mine.query(Post).filterBy({ id: hello.id }).one();
  const b = await yours.query(Post).filterBy({ id: hello.id }).one();
  a.title = 'Mine';
  await mine.commit();
  b.title = 'Yours';
  const stale = await yours.commit().catch((reason: unknown) => reason);
  if (!isCinnabarError(stale, 'StaleDataError')) throw stale;
  expect('stale.code', stale.code, 'StaleDataError');
  const now = await new Session(checks).query(Post).filterBy({ id: hello.id }).one();
  expect('title in the database', now.title, 'Mine');

  step('Close', 'A session holds no connection, so there is only the engine to close.', 0);
  await engine.close();
  expect('engine.roundTrips, as the driver counted them', engine.roundTrips, 19);
  end();
}
