// What the blog does, each in as few round trips as it can be done.
import { isCinnabarError, type Loaded, select, serialize, type Json, type Query, type Session } from 'cinnabar';
import type { Listing, NewPost, PostChanges } from './input.ts';
import { Author, Post, Tag } from './models.ts';
import { Problem } from './problem.ts';

const pageSize = 10;
const whole = { author: true, tags: true } as const;

export type WholePost = Loaded<Post, typeof whole>;
export type PostJson = Json<Post, typeof whole>;

export interface PageOfPosts {
  readonly posts: readonly WholePost[];
  readonly hasMore: boolean;
}

export const toJson = (post: WholePost): PostJson => serialize(post, whole);

const wholePosts = (session: Session): Query<WholePost> => session.query(Post).with(whole);

/** One round trip: the posts, their authors and their tags. */
export async function listPosts(session: Session, { page, tag }: Listing): Promise<PageOfPosts> {
  const tagged = tag === undefined ? [] : [Post.c.tags.some(Tag.c.label.eq(tag))];
  const posts = await wholePosts(session)
    .where(...tagged)
    .orderBy(Post.c.createdAt.desc(), Post.c.id.desc())
    .limit(pageSize + 1)
    .offset((page - 1) * pageSize)
    .all();
  return { posts: posts.slice(0, pageSize), hasMore: posts.length > pageSize };
}

/** One round trip. */
export async function findPost(session: Session, id: number): Promise<WholePost> {
  const post = await wholePosts(session).where(Post.c.id.eq(id)).oneOrNull();
  if (post) return post;
  throw new Problem(404, 'NotFound', `there is no post ${id}`);
}

/** Two round trips: who and what is there already; then the post with all that is new, as one unit. */
export async function createPost(session: Session, input: NewPost): Promise<WholePost> {
  try {
    return await insertPost(session, input);
  } catch (error) {
    // The post itself is in the way of no other unless this author has one of that title.
    if (!isCinnabarError(error, 'UniqueViolation')) throw error;
    if (error.table === Post.tableName) {
      throw new Problem(409, error.code, 'this author has a post of that title', { attributes: error.attributes });
    }
    // Somebody made the same author or tag just now: it is found the second time.
    await session.rollback();
    return insertPost(session, input);
  }
}

async function insertPost(session: Session, { title, body, author: name, tags: labels }: NewPost): Promise<WholePost> {
  const [[author = new Author({ name })], known] = await session.batch([
    select(Author).where(Author.c.name.eq(name)),
    select(Tag).where(Tag.c.label.in(labels)),
  ]);
  const post = new Post({ title, body, author, tags: withNew(known, labels) });
  session.add(post);
  await session.commit();
  // What the constructor was given is loaded.
  return isWhole(post) ? post : session.load(post, whole);
}

const isWhole = (post: Post): post is WholePost => post.author.loaded && post.tags.loaded;

/** Two round trips, three where there are tags to look up; a version that is not the latest is refused. */
export async function changePost(session: Session, id: number, changes: PostChanges): Promise<WholePost> {
  const post = await findPost(session, id);
  if (post.version !== changes.version) throw stale(post);
  post.title = changes.title ?? post.title;
  post.body = changes.body ?? post.body;
  if (changes.tags) await replaceTags(session, post, changes.tags);
  // Even where only the tags change, so that the version goes up and is checked.
  post.updatedAt = new Date();
  await session.commit();
  return post;
}

const stale = (post: Post): Problem =>
  new Problem(409, 'StaleDataError', 'the post has been changed since: read it again', { version: post.version });

async function replaceTags(session: Session, post: WholePost, labels: readonly string[]): Promise<void> {
  const { items } = post.tags;
  const missing = labels.filter((label) => !items.some((tag) => tag.label === label));
  const known = missing.length === 0 ? [] : await session.all(select(Tag).where(Tag.c.label.in(missing)));
  post.tags.remove(...items.filter((tag) => !labels.includes(tag.label)));
  post.tags.add(...withNew(known, missing));
}

/** Tags by their labels: those that are there, and new ones. */
function withNew(known: readonly Tag[], labels: readonly string[]): Tag[] {
  return labels.map((label) => known.find((tag) => tag.label === label) ?? new Tag({ label }));
}

/** Two round trips. */
export async function deletePost(session: Session, id: number): Promise<void> {
  const post = await session.get(Post, id);
  if (!post) throw new Problem(404, 'NotFound', `there is no post ${id}`);
  session.delete(post);
  await session.commit();
}
