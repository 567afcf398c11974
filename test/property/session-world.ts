import { expect } from 'vitest';
import {
  createReceipts,
  deleteFrom,
  expire,
  insertMany,
  inspect,
  isCinnabarError,
  merge,
  populateExisting,
  receipts,
  refreshAll,
  update,
  upsert,
  type Session,
} from 'cinnabar';
import { freshDatabase, type TestDatabase, type TestDriver } from '../support/database.ts';
import { losing, type LosingDriver } from '../support/losing.ts';
import { Admin, Model, Post, Tag, User } from './session-schema.ts';
import {
  alone,
  reading,
  type Again,
  type Block,
  type CutOff,
  type Edit,
  type Reload,
  type Step,
} from './session-program.ts';
import {
  copyOf,
  type Kind,
  noRows,
  plain,
  type PostRow,
  rebased,
  sentUser,
  type Rows,
  type TagRow,
  type Uid,
  type UserRow,
} from './session-rows.ts';
import { expectedWrites, sentWrites, type Writes } from './session-statements.ts';

/**
 * A program's world twice over: as entities of a real session, and as plain rows that say what the database should hold.
 * Every step is taken in both.
 */
class World {
  readonly #db: TestDatabase;
  #session: Session;
  #read: Reload = 'all';
  #next = 1;
  /** The first number given out since the commit under way began. */
  #since = 1;
  #serial = 100;
  /** What is committed, and what the program has made of it since. */
  #stored: Rows = noRows();
  #rows: Rows = copyOf(this.#stored);
  #deleted = new Set<Uid>();
  #ids = new Map<Uid, number>();
  #entities = new Map<Uid, User | Post | Tag>();
  /** Relations that the program has set since the last commit: their keys are not assigned then. */
  #set = new Set<string>();
  /** While a commit is under way: what it will leave, and the relations that were set before. */
  #underWay: { readonly next: Rows; readonly set: ReadonlySet<string> } | undefined;
  /** Whose keys the program has assigned to others since the last commit: those are not changed then. */
  #named = new Set<Uid>();
  /** Keys that the program has changed since the last commit. */
  #rekeyed = new Map<Uid, number>();
  /** New tags, and the deleted ones whose rows they take over: those do not come back. */
  #switched = new Map<Uid, Uid>();
  /** Whether a key was assigned: collections follow with the commit. */
  #keyed = false;
  #touched = false;

  /** What the commits go through, so that it can fail them. */
  readonly #network: Pick<LosingDriver<boolean>, 'lose'>;

  constructor(db: TestDatabase, network: Pick<LosingDriver<boolean>, 'lose'>) {
    this.#db = db;
    this.#network = network;
    this.#session = db.session();
  }

  // ── picking

  #uids(kind: Kind): Uid[] {
    const uids = [...this.#rows[kind].keys()];
    // While a commit is under way nothing can be read, and what is going is left alone.
    const { next } = this.#underWay ?? {};
    return next
      ? uids.filter((uid) => this.#entities.has(uid) && (next[kind].has(uid) || !this.#isOld(kind, uid)))
      : uids;
  }
  /** Whether a row was there when the commit under way began. */
  #isOld(kind: Kind, uid: Uid): boolean {
    return uid < this.#since && this.#rows[kind].has(uid);
  }
  #isSet(relation: string): boolean {
    return this.#set.has(relation) || (this.#underWay?.set.has(relation) ?? false);
  }
  #pick(kind: Kind, at: number | null, from = this.#uids(kind)): Uid | null {
    return at === null || from.length === 0 ? null : from[at % from.length]!;
  }
  #isStored(uid: Uid | null): uid is Uid {
    return uid !== null && this.#ids.has(uid);
  }

  /** The entity of a row, read by its key where the session has it not. */
  async #entity<E extends User | Post | Tag>(kind: Kind, uid: Uid): Promise<E> {
    const known = this.#entities.get(uid);
    if (known) return known as E;
    const model = { user: User, post: Post, tag: Tag }[kind] as typeof User;
    const found = await this.#session.get(model, this.#ids.get(uid)!);
    expect(found, `${kind} ${uid} is found by its key`).not.toBeNull();
    this.#entities.set(uid, found!);
    return found as unknown as E;
  }
  #user = (uid: Uid): Promise<User> => this.#entity<User>('user', uid);
  #post = (uid: Uid): Promise<Post> => this.#entity<Post>('post', uid);
  #tag = (uid: Uid): Promise<Tag> => this.#entity<Tag>('tag', uid);

  // ── steps

  async take(step: Step): Promise<void> {
    if (step.do === 'commit') await this.commit();
    else if (step.do === 'commit, and meanwhile') await this.commit(step.edits);
    else if (step.do === 'commit what is stale') await this.#commitStale(step.user);
    else if (step.do === 'commit, cut off') await this.#commitCutOff(step.how);
    else if (step.do === 'rollback') await this.#rollback();
    else if (step.do === 'reload') await this.#reload(step.read);
    else {
      this.#touched = true;
      await this.#edit(step);
    }
    this.#checkMemory();
  }

  async #edit(step: Edit): Promise<void> {
    switch (step.do) {
      case 'add user':
        return this.#addUser(step);
      case 'add post':
        return this.#addPost(step);
      case 'add tag':
        return this.#addTag(step);
      case 'edit user': {
        const uid = this.#pick('user', step.user);
        if (uid === null) return;
        const user = await this.#user(uid);
        user.name = this.#rows.user.get(uid)!.name = step.name;
        if (user instanceof Admin) user.level = this.#rows.user.get(uid)!.level = step.level;
        return;
      }
      case 'edit post': {
        const uid = this.#pick('post', step.post);
        if (uid === null) return;
        const post = await this.#post(uid);
        post.title = this.#rows.post.get(uid)!.title = step.title;
        if (step.rank !== null) post.rank = this.#rows.post.get(uid)!.rank = step.rank;
        return;
      }
      case 'swap ranks': {
        const [one, other] = [this.#pick('post', step.one), this.#pick('post', step.other)];
        if (one === null || other === null) return;
        const [left, right] = [this.#rows.post.get(one)!, this.#rows.post.get(other)!];
        [left.rank, right.rank] = [right.rank, left.rank];
        (await this.#post(one)).rank = left.rank;
        (await this.#post(other)).rank = right.rank;
        return;
      }
      case 'swap labels': {
        const [one, other] = [this.#pick('tag', step.one), this.#pick('tag', step.other)];
        if (one === null || other === null) return;
        const [left, right] = [this.#rows.tag.get(one)!, this.#rows.tag.get(other)!];
        [left.label, right.label] = [right.label, left.label];
        (await this.#tag(one)).label = left.label;
        (await this.#tag(other)).label = right.label;
        return;
      }
      case 'move post':
        return this.#point(step.post, 'author', step.user, step.how);
      case 'remove post':
        return this.#removePost(step.post);
      case 'set editor':
        return this.#point(step.post, 'editor', step.user, step.how);
      case 'set boss':
        return this.#setBoss(step);
      case 'tag':
      case 'untag':
        return this.#pair(step);
      case 'delete': {
        const uid = this.#pick(step.what, step.which);
        if (uid === null || [...this.#rekeyed.values()].includes(this.#ids.get(uid)!)) return;
        this.#session.delete(await this.#entity(step.what, uid));
        this.#deleted.add(uid);
        return;
      }
      case 'revive': {
        const uid = this.#pick(
          step.what,
          step.which,
          this.#uids(step.what).filter(
            (item) => this.#deleted.has(item) && ![...this.#switched.values()].includes(item),
          ),
        );
        if (uid === null) return;
        this.#session.add(await this.#entity(step.what, uid));
        this.#deleted.delete(uid);
        return;
      }
      case 'merge user':
        return this.#mergeUser(step);
      case 'merge post':
        return this.#mergePost(step);
      case 'merge posts':
        return this.#mergePosts(step);
      case 'merge copy':
        return this.#mergeCopy(step);
      case 'replace tag':
        return this.#replaceTag(step);
      case 'replace post':
        return this.#replacePost(step);
      case 'read again': {
        const uid = this.#pick(step.what, step.which, this.#quiet(step.what));
        return uid === null ? undefined : this.#readAgain(step.what, uid, step.how);
      }
      case 'change elsewhere': {
        const uid = this.#pick(step.what, step.which, this.#quiet(step.what));
        if (uid === null) return;
        await this.#changeElsewhere(step.what, uid, step.name);
        return this.#readAgain(step.what, uid, 'refresh');
      }
      case 'update at once':
        return this.#updateAtOnce(step);
      case 'insert at once':
        return this.#insertAtOnce(step.tags);
      case 'upsert at once':
        return this.#upsertAtOnce(step);
      case 'delete at once':
        return this.#deleteAtOnce(step.post);
      case 'rekey':
        return this.#rekey(step);
      case 'load': {
        const uid = this.#pick(
          step.what,
          step.which,
          this.#uids(step.what).filter((item) => this.#ids.has(item)),
        );
        if (uid === null) return;
        const entity = await this.#entity(step.what, uid);
        if (entity instanceof User) await Promise.all([entity.posts, entity.team, entity.edits, entity.boss]);
        else if (entity instanceof Post) await Promise.all([entity.tags, entity.editor]);
        else await entity.posts;
        return;
      }
    }
  }

  /** Rows that are stored, and that nothing pending deletes. */
  #staying(kind: Kind): Uid[] {
    return this.#uids(kind).filter((uid) => this.#ids.has(uid) && !this.#deleted.has(uid));
  }

  /** Of these, rows that keep their keys. */
  #settled(kind: Kind): Uid[] {
    return this.#staying(kind).filter((uid) => !this.#rekeyed.has(uid));
  }

  async #mergeUser(step: Extract<Step, { do: 'merge user' }>): Promise<void> {
    const uid = this.#pick('user', step.user, this.#staying('user'));
    if (uid === null) return;
    const merged = await merge(this.#session, User, { id: this.#ids.get(uid)!, name: step.name });
    const known = this.#entities.get(uid);
    if (known) expect(merged).toBe(known);
    this.#entities.set(uid, merged);
    this.#rows.user.get(uid)!.name = step.name;
  }

  /** Merges data: an author by key, and tags as a whole. */
  async #mergePost(step: Extract<Step, { do: 'merge post' }>): Promise<void> {
    const uid = this.#pick('post', step.post, this.#staying('post'));
    if (uid === null || this.#rows.post.get(uid)!.author === null) return;
    const author = this.#pick('user', step.author, this.#settled('user'));
    const settled = this.#settled('tag');
    const tags = step.tags && [...new Set(step.tags.flatMap((at) => this.#pick('tag', at, settled) ?? []))];
    const merged = await merge(this.#session, Post, {
      id: this.#ids.get(uid)!,
      title: step.title,
      ...(author !== null && { author: { id: this.#ids.get(author)! } }),
      ...(tags && { tags: tags.map((tag) => ({ id: this.#ids.get(tag)! })) }),
    });
    const known = this.#entities.get(uid);
    if (known) expect(merged).toBe(known);
    this.#entities.set(uid, merged);
    const row = this.#rows.post.get(uid)!;
    row.title = step.title;
    if (author !== null) {
      row.author = author;
      this.#entities.set(author, merged.author.peek()!);
      this.#set.add(`${uid}.author`);
    }
    if (tags) row.tags = new Set(tags);
    for (const tag of tags ?? []) await this.#tag(tag);
  }

  /** Gives a row another key: one that no row has, that of another row, or the one that another row leaves. */
  async #rekey({ what, which, other, how }: Extract<Step, { do: 'rekey' }>): Promise<void> {
    const free = this.#staying(what).filter(
      (uid) => !this.#named.has(uid) && ![...this.#switched.values()].includes(uid),
    );
    const [uid, next] = [this.#pick(what, which, free), this.#pick(what, other, free)];
    if (uid === null || next === null) return;
    const [one, two] = [this.#key(uid), this.#key(next)];
    await this.#give(what, uid, how === 'swap' ? two : -this.#serial++);
    if (uid !== next && how !== 'fresh') await this.#give(what, next, one);
  }

  async #give(kind: 'user' | 'tag', uid: Uid, key: number): Promise<void> {
    (await this.#entity(kind, uid)).id = key;
    if (key === this.#ids.get(uid)) this.#rekeyed.delete(uid);
    else this.#rekeyed.set(uid, key);
  }

  /** The key that an entity has in memory. */
  #key(uid: Uid): number {
    return this.#rekeyed.get(uid) ?? this.#ids.get(uid)!;
  }

  /** Deletes a tag, and adds one with its key: the row goes on, and its pairs go. */
  async #replaceTag(step: Extract<Step, { do: 'replace tag' }>): Promise<void> {
    const uid = this.#pick('tag', step.tag, this.#settled('tag'));
    if (uid === null) return;
    const old = await this.#tag(uid);
    this.#session.delete(old);
    this.#deleted.add(uid);
    const label = `l${step.label}`;
    const tag = new Tag({ id: old.id, label });
    this.#session.add(tag);
    expect(inspect(tag).state).toBe('pending');
    const next = this.#next++;
    this.#entities.set(next, tag);
    this.#rows.tag.set(next, { label });
    this.#switched.set(next, uid);
  }

  /** The same of a post, which has keys and other pairs of its own. */
  async #replacePost(step: Extract<Step, { do: 'replace post' }>): Promise<void> {
    const author = this.#pick('user', step.author);
    const editor = this.#pick('user', step.editor);
    const uid = this.#pick('post', step.post, this.#staying('post'));
    if (uid === null || author === null) return;
    const old = await this.#post(uid);
    this.#session.delete(old);
    this.#deleted.add(uid);
    const { title, rank } = step;
    const init = { id: old.id, title, rank, author: await this.#user(author) };
    const post = new Post({ ...init, editor: editor === null ? null : await this.#user(editor) });
    this.#session.add(post);
    const next = this.#next++;
    this.#entities.set(next, post);
    this.#rows.post.set(next, { title, rank, author, editor, tags: new Set() });
    this.#set.add(`${next}.author`).add(`${next}.editor`);
    this.#switched.set(next, uid);
  }

  /** Merges a user with all of its posts: those that are not named lose their author. */
  async #mergePosts(step: Extract<Step, { do: 'merge posts' }>): Promise<void> {
    const uid = this.#pick('user', step.user, this.#settled('user'));
    // Collections follow keys with the commit: until then nobody knows what the whole is.
    if (uid === null || this.#keyed) return;
    const staying = this.#staying('post').filter((post) => this.#rows.post.get(post)!.author !== null);
    const named = new Set(step.posts.flatMap((at) => this.#pick('post', at, staying) ?? []));
    const fresh = step.rank === null ? [] : [{ title: 'm', rank: step.rank }];
    const merged = await merge(this.#session, User, {
      id: this.#ids.get(uid)!,
      posts: [...[...named].map((post) => ({ id: this.#ids.get(post)! })), ...fresh],
    });
    this.#entities.set(uid, merged);
    const known = new Set<object>(this.#entities.values());
    for (const [post, row] of this.#rows.post) {
      if (named.has(post) === (row.author === uid)) continue;
      row.author = named.has(post) ? uid : null;
      this.#set.add(`${post}.author`);
    }
    for (const post of this.#rows.post.keys())
      if (named.has(post) || this.#rows.post.get(post)!.author === null) known.add(await this.#post(post));
    if (step.rank === null) return;
    const made = merged.posts.peek()!.filter((post) => post.id === undefined && !known.has(post));
    expect(made).toHaveLength(1);
    const next = this.#next++;
    this.#entities.set(next, made[0]!);
    this.#rows.post.set(next, { title: 'm', rank: step.rank, author: uid, editor: null, tags: new Set() });
    this.#set.add(`${next}.author`);
  }

  /** Merges an entity of another session: it says all of its columns. */
  async #mergeCopy({ what, which, name }: Extract<Step, { do: 'merge copy' }>): Promise<void> {
    const roles = what === 'user' ? ['boss'] : ['author', 'editor'];
    const free = this.#settled(what).filter((uid) => roles.every((role) => !this.#isSet(`${uid}.${role}`)));
    const uid = this.#pick(what, which, free);
    if (uid === null) return;
    const other = this.#db.session();
    const id = this.#ids.get(uid)!;
    const copy = what === 'user' ? await other.get(User, id) : await other.get(Post, id);
    if (copy instanceof User) copy.name = name;
    else copy!.title = name;
    const merged = await merge(this.#session, copy as User | Post);
    const known = this.#entities.get(uid);
    if (known) expect(merged).toBe(known);
    this.#entities.set(uid, merged);
    await other.close();
    if (what === 'user') {
      const { level, boss } = this.#stored.user.get(uid)!;
      Object.assign(this.#rows.user.get(uid)!, { name, level, boss });
    } else {
      const { rank, author, editor } = this.#stored.post.get(uid)!;
      Object.assign(this.#rows.post.get(uid)!, { title: name, rank, author, editor });
    }
    this.#keyed = true;
  }

  /** Rows whose columns alone may have changed: no collection, and no pair. */
  #quiet(kind: Kind): Uid[] {
    const [now, stored] = [this.#rows, this.#stored];
    const pairs = (rows: Rows, tag: Uid): Uid[] =>
      [...rows.post].flatMap(([uid, { tags }]) => (tags.has(tag) ? [uid] : []));
    const children = (rows: Rows, user: Uid): unknown =>
      [
        [...rows.post].map(([uid, { author, editor }]) => [uid, author === user, editor === user]),
        [...rows.user].map(([uid, { boss }]) => [uid, boss === user]),
      ].map((some) => some.filter(([, ...is]) => is.includes(true)));
    const relations = {
      user: children,
      post: (rows: Rows, uid: Uid): unknown => [...rows.post.get(uid)!.tags].toSorted(order),
      tag: pairs,
    }[kind];
    return this.#staying(kind).filter(
      (uid) =>
        !this.#rekeyed.has(uid) && JSON.stringify(relations(now, uid)) === JSON.stringify(relations(stored, uid)),
    );
  }

  /** Reads a row again: what the program did to it is dropped, and its relations are not loaded any more. */
  async #readAgain(kind: Kind, uid: Uid, how: Again): Promise<void> {
    const entity = await this.#entity(kind, uid);
    if (how === 'refresh') await this.#session.refresh(entity);
    else if (how === 'refreshAll') await refreshAll(this.#session, [entity]);
    else if (how === 'populateExisting') {
      const model = { user: User, post: Post, tag: Tag }[kind] as typeof User;
      const query = this.#session.query(model).where(model.c.id.eq(this.#ids.get(uid)!));
      expect(await populateExisting(query).one()).toBe(entity);
    } else {
      expire(this.#session, entity);
      expect(
        [entity.toJSON()].map((json) => ['name', 'title', 'label'].filter((key) => Reflect.get(json, key))),
      ).toEqual([[]]);
      const model = { user: User, post: Post, tag: Tag }[kind] as typeof User;
      expect(await this.#session.get(model, this.#ids.get(uid)!)).toBe(entity);
    }
    const row = copyOf(this.#stored)[kind].get(uid)!;
    Object.assign(this.#rows[kind].get(uid)!, row);
    for (const role of ['author', 'editor', 'boss']) this.#set.delete(`${uid}.${role}`);
    if (this.#read === 'all') this.#read = 'rows';
  }

  /** A statement changes rows, whatever the session has pending: what that changed itself stays. */
  async #updateAtOnce({ what, from, to }: Extract<Step, { do: 'update at once' }>): Promise<void> {
    const isMeant = (title: string): boolean => title === from;
    const statement =
      what === 'user'
        ? update(User).set({ name: to }).where(User.c.name.eq(from))
        : update(Post).set({ title: to }).where(Post.c.title.eq(from));
    const changed = await this.#session.run(statement);
    if (what === 'user') {
      const meant = [...this.#stored.user].filter(([, { name }]) => isMeant(name));
      expect(changed, 'users that a statement changed').toBe(meant.length);
      for (const [uid, stored] of meant) {
        const row = this.#rows.user.get(uid);
        if (row?.name === stored.name) row.name = to;
        stored.name = to;
      }
    } else {
      const meant = [...this.#stored.post].filter(([, { title }]) => isMeant(title));
      expect(changed, 'posts that a statement changed').toBe(meant.length);
      for (const [uid] of meant) this.#retitle(uid, to);
    }
  }

  #retitle(uid: Uid, title: string): void {
    const [row, stored] = [this.#rows.post.get(uid), this.#stored.post.get(uid)!];
    if (row?.title === stored.title) row.title = title;
    stored.title = title;
  }

  /** New rows without entities. */
  async #insertAtOnce(count: number): Promise<void> {
    const labels = Array.from({ length: count }, () => `l${this.#serial++}`);
    expect(
      await insertMany(
        this.#session,
        Tag,
        labels.map((label) => ({ label })),
      ),
    ).toBe(count);
    const ids = await this.#db.rows('select label, id from tags');
    for (const label of labels) {
      const uid = this.#next++;
      for (const rows of [this.#stored, this.#rows]) rows.tag.set(uid, { label });
      this.#ids.set(uid, Number(ids.find(([found]) => found === label)![1]));
    }
  }

  /** Posts by their rank: one that is there gets another title. */
  async #upsertAtOnce({ author, title, ranks }: Extract<Step, { do: 'upsert at once' }>): Promise<void> {
    const user = this.#pick('user', author, this.#quiet('user'));
    if (user === null) return;
    const rows = ranks.map((rank) => ({ title, rank, authorId: this.#ids.get(user)! }));
    const posts = await upsert(this.#session, Post, rows, {
      on: ['rank'],
      update: (given) => ({ title: given.title }),
    });
    ranks.forEach((rank, at) => {
      const found = [...this.#stored.post].find(([, row]) => row.rank === rank)?.[0];
      const uid = found ?? this.#next++;
      const known = this.#entities.get(uid);
      if (known) expect(posts[at]).toBe(known);
      if (found === undefined) {
        const made = (): PostRow => ({ title, rank, author: user, editor: null, tags: new Set() });
        for (const all of [this.#stored, this.#rows]) all.post.set(uid, made());
        this.#ids.set(uid, posts[at]!.id);
      } else this.#retitle(uid, title);
      this.#entities.set(uid, posts[at]!);
    });
    // A collection that is loaded knows nothing of new rows.
    await this.#readAgain('user', user, 'refresh');
  }

  async #deleteAtOnce(at: number): Promise<void> {
    const uid = this.#pick('post', at, this.#quiet('post'));
    if (uid === null) return;
    expect(await this.#session.run(deleteFrom(Post).where(Post.c.id.eq(this.#ids.get(uid)!)))).toBe(1);
    for (const rows of [this.#stored, this.#rows]) rows.post.delete(uid);
    this.#entities.delete(uid);
    this.#ids.delete(uid);
  }

  /** Another session changes a row and commits. */
  async #changeElsewhere(kind: Kind, uid: Uid, name: string): Promise<void> {
    const other = this.#db.session();
    const id = this.#ids.get(uid)!;
    const row = this.#stored[kind].get(uid)!;
    if (kind === 'user') {
      const [user, stored] = [(await other.get(User, id))!, row as UserRow];
      if (stored.name !== name) stored.version++;
      user.name = stored.name = name;
    } else if (kind === 'post') (await other.get(Post, id))!.title = (row as PostRow).title = name;
    else (await other.get(Tag, id))!.label = (row as TagRow).label = `l${this.#serial++}`;
    await other.commit();
    await other.close();
  }

  async #addUser(step: Extract<Step, { do: 'add user' }>): Promise<void> {
    const boss = this.#pick('user', step.boss);
    const uid = this.#next++;
    const init = { name: step.name, boss: boss === null ? null : await this.#user(boss) };
    const user = step.admin ? new Admin({ ...init, level: 0 }) : new User(init);
    this.#session.add(user);
    this.#entities.set(uid, user);
    this.#rows.user.set(uid, { name: step.name, level: step.admin ? 0 : null, boss, version: 1 });
    this.#set.add(`${uid}.boss`);
  }

  async #addPost(step: Extract<Step, { do: 'add post' }>): Promise<void> {
    const author = this.#pick('user', step.author);
    if (author === null) return;
    const editor = this.#pick('user', step.editor);
    const uid = this.#next++;
    const user = await this.#user(author);
    const init = { title: 't', rank: step.rank, editor: editor === null ? null : await this.#user(editor) };
    const post = new Post(step.how === 'constructor' ? { ...init, author: user } : init);
    if (step.how === 'author') post.author.set(user);
    if (step.how === 'collection') user.posts.add(post);
    this.#entities.set(uid, post);
    this.#rows.post.set(uid, { title: 't', rank: step.rank, author, editor, tags: new Set() });
    this.#set.add(`${uid}.author`).add(`${uid}.editor`);
  }

  async #addTag(step: Extract<Step, { do: 'add tag' }>): Promise<void> {
    const post = this.#pick('post', step.post);
    const uid = this.#next++;
    const label = `l${step.label}`;
    const tag = new Tag({ label, ...(post !== null && { posts: [await this.#post(post)] }) });
    this.#session.add(tag);
    this.#entities.set(uid, tag);
    this.#rows.tag.set(uid, { label });
    if (post !== null) this.#rows.post.get(post)!.tags.add(uid);
  }

  /** Points a post to another author or editor. */
  async #point(at: number, role: 'author' | 'editor', to: number | null, how: 'set' | 'add' | 'key'): Promise<void> {
    const uid = this.#pick('post', at);
    const target = this.#pick('user', to);
    if (uid === null || (role === 'author' && target === null)) return;
    const row = this.#rows.post.get(uid)!;
    const post = await this.#post(uid);
    const user = target === null ? null : await this.#user(target);
    if (how === 'key') {
      if (this.#isSet(`${uid}.${role}`) || (target !== null && !this.#isStored(target))) return;
      // Of a key that is no row's yet nothing can be read.
      if (target !== null && this.#rekeyed.has(target)) return;
      const key = target === null ? null : this.#ids.get(target)!;
      if (target !== null) this.#named.add(target);
      if (role === 'author') post.authorId = key!;
      else post.editorId = key;
      this.#keyed = true;
    } else {
      if (how === 'add' && user) user[role === 'author' ? 'posts' : 'edits'].add(post);
      else if (role === 'editor') post.editor.set(user);
      else post.author.set(user!);
      this.#set.add(`${uid}.${role}`);
    }
    row[role] = target;
  }

  async #removePost(at: number): Promise<void> {
    const uid = this.#pick('post', at);
    const author = uid === null ? null : this.#rows.post.get(uid)!.author;
    if (uid === null || author === null) return;
    if (this.#underWay && !this.#entities.has(author)) return;
    const post = await this.#post(uid);
    (await this.#user(author)).posts.remove(post);
    this.#rows.post.get(uid)!.author = null;
    this.#set.add(`${uid}.author`);
  }

  async #setBoss(step: Extract<Step, { do: 'set boss' }>): Promise<void> {
    const uid = this.#pick('user', step.user);
    if (uid === null) return;
    const target = this.#pick('user', step.boss);
    const user = await this.#user(uid);
    const boss = target === null ? null : await this.#user(target);
    if (step.how === 'key') {
      if (this.#isSet(`${uid}.boss`) || (target !== null && !this.#isStored(target))) return;
      // Of a key that is no row's yet nothing can be read.
      if (target !== null && this.#rekeyed.has(target)) return;
      user.bossId = target === null ? null : this.#ids.get(target)!;
      if (target !== null) this.#named.add(target);
      this.#keyed = true;
    } else {
      if (step.how === 'add' && boss) boss.team.add(user);
      else user.boss.set(boss);
      this.#set.add(`${uid}.boss`);
    }
    this.#rows.user.get(uid)!.boss = target;
  }

  async #pair(step: Extract<Step, { do: 'tag' | 'untag' }>): Promise<void> {
    const [uid, other] = [this.#pick('post', step.post), this.#pick('tag', step.tag)];
    if (uid === null || other === null) return;
    const [post, tag] = [await this.#post(uid), await this.#tag(other)];
    const { tags } = this.#rows.post.get(uid)!;
    const verb = step.do === 'tag' ? 'add' : 'remove';
    if (step.from === 'post') post.tags[verb](tag);
    else tag.posts[verb](post);
    if (step.do === 'tag') tags.add(other);
    else tags.delete(other);
  }

  // ── commit, rollback, reload

  /** What the database holds once everything pending is written. */
  #outcome(): Rows {
    const next = copyOf(this.#rows);
    for (const uid of this.#deleted) for (const kind of ['user', 'post', 'tag'] as const) next[kind].delete(uid);
    for (const [uid, post] of next.post) if (post.author === null || !next.user.has(post.author)) next.post.delete(uid);
    for (const post of next.post.values()) {
      if (post.editor !== null && !next.user.has(post.editor)) post.editor = null;
      for (const tag of post.tags) if (!next.tag.has(tag)) post.tags.delete(tag);
    }
    for (const [uid, user] of next.user) {
      const before = this.#stored.user.get(uid);
      const boss = sentUser(user.boss, this.#stored, next);
      const isOther = before?.name !== user.name || before.level !== user.level || before.boss !== boss;
      if (before && (isOther || this.#rekeyed.has(uid))) user.version++;
      if (user.boss !== null && !next.user.has(user.boss)) user.boss = null;
    }
    return next;
  }

  /** Posts and tags of which two have one unique value. */
  #clashes(next: Rows, unseen: boolean): (Post | Tag)[] {
    const taken = new Set<number | string>();
    const clashes: (Post | Tag)[] = [];
    if (unseen) {
      // Rows that go with their author, and that the session does not know.
      for (const [uid, post] of this.#stored.post)
        if (!next.post.has(uid) && !this.#entities.has(uid)) taken.add(post.rank);
    }
    const look = (uid: Uid, value: number | string): void => {
      if (taken.has(value)) clashes.push(this.#entities.get(uid) as Post | Tag);
      taken.add(value);
    };
    // What is stored and stays as it is comes first: the others are to give way.
    const isMine = (uid: Uid): number => Number(this.#entities.has(uid));
    for (const [uid, { rank }] of [...next.post].toSorted((a, b) => isMine(a[0]) - isMine(b[0]))) look(uid, rank);
    for (const [uid, { label }] of [...next.tag].toSorted((a, b) => isMine(a[0]) - isMine(b[0]))) look(uid, label);
    return clashes;
  }

  async commit(edits: readonly Step[] = []): Promise<void> {
    const next = this.#outcome();
    const certain = this.#clashes(next, false);
    const possible = this.#clashes(next, true);
    const before = this.#expected();
    const writes = this.#writes(next);
    this.#db.driver.clear();
    let failure: unknown;
    const begun = copyOf(this.#rows);
    const [wasTouched, wasDeleted] = [this.#touched, this.#deleted];
    const release = this.#db.hold();
    const done = this.#session.commit().catch((error: unknown) => (failure = error));
    await this.#meanwhile(next, edits);
    release();
    await done;
    const meanwhile = this.#underWay;
    this.#underWay = undefined;
    const { calls } = this.#db.driver;
    const sent = calls.length;
    if (certain.length > 0)
      expect(failure, 'two rows have one unique value').toMatchObject({ code: 'UniqueViolation' });
    if (failure) {
      if (possible.length === 0) throw failure;
      expect(failure).toMatchObject({ code: 'UniqueViolation', outcome: 'not committed' });
      expect(await this.#readBack(), 'a failed commit writes nothing').toEqual(before);
      // Corrected, the same work is committed again.
      this.#deleted = new Set([...wasDeleted, ...this.#deleted]);
      this.#set = new Set([...meanwhile!.set, ...this.#set]);
      for (const entity of this.#clashes(this.#outcome(), true)) this.#makeUnique(entity);
      return this.commit();
    }
    const changed = this.#rekeyed.size > 0 || JSON.stringify(plain(next)) !== JSON.stringify(plain(this.#stored));
    expect(sent, 'a commit is one call').toBeLessThanOrEqual(1);
    if (changed) expect(sent, 'a commit with work is one call').toBe(1);
    else if (!wasTouched || this.#isWhole()) expect(sent, 'a commit without work is none').toBe(0);
    this.#checkWrites(writes, this.#db.by({ sqlite: this.#db.changes, postgres: undefined }));
    expect(this.#db.driver.trips, 'a commit is one trip').toBe(sent);
    this.#settle(next, begun);
    // Nothing is given another key, or another row, while a commit is under way.
    this.#rekeyed = new Map();
    this.#switched = new Map();
    if (edits.length === 0) this.#clean();
    this.#touched = edits.length > 0;
    await this.#checkDatabase();
  }

  /** Another session was first: nothing is written, nothing is lost, and the row is read again. */
  async #commitStale(at: number): Promise<void> {
    const uid = this.#pick('user', at, this.#staying('user'));
    if (uid === null) return;
    const user = await this.#user(uid);
    const { name } = this.#stored.user.get(uid)!;
    user.name = this.#rows.user.get(uid)!.name = name === 'mine' ? 'mine!' : 'mine';
    this.#touched = true;
    await this.#changeElsewhere('user', uid, name === 'theirs' ? 'theirs!' : 'theirs');
    const possible = this.#clashes(this.#outcome(), true);
    this.#db.driver.clear();
    const failure: unknown = await this.#session.commit().catch((error: unknown) => error);
    expect(this.#db.driver.calls, 'a stale commit is one call').toHaveLength(1);
    if (!isCinnabarError(failure, 'StaleDataError')) {
      if (possible.length === 0) throw failure;
      expect(failure).toMatchObject({ code: 'UniqueViolation', outcome: 'not committed' });
    } else expect(failure).toMatchObject({ outcome: 'not committed', model: user.constructor.name, entities: [user] });
    await this.#checkDatabase();
    this.#checkMemory();
    if (this.#quiet('user').includes(uid)) return this.#readAgain('user', uid, 'refresh');
    await this.#rollback();
    await this.#reload('all');
  }

  /** The connection fails at a commit. */
  async #commitCutOff(how: CutOff): Promise<void> {
    const next = this.#outcome();
    // Else the commit may fail by itself.
    if (this.#clashes(next, true).length > 0) return this.commit();
    const begun = copyOf(this.#rows);
    const writes = this.#writes(next);
    this.#db.driver.clear();
    this.#network.lose(how === 'refused' ? 'connection' : how === 'reply' ? 'reply' : 'request');
    const failure: unknown = await this.#session.commit({ receipt: true }).catch((error: unknown) => error);
    this.#network.lose(undefined);
    if (failure === undefined) {
      expect(this.#db.driver.calls, 'there was nothing to send').toHaveLength(0);
      return this.commit();
    }
    expect(this.#db.driver.calls, 'a commit is one call').toHaveLength(1);
    this.#checkWrites(writes);
    if (!isCinnabarError(failure)) throw failure;
    if (how === 'refused') {
      expect(failure).toMatchObject({ code: 'ConnectionLost', outcome: 'not sent' });
      this.#checkMemory();
      return this.commit();
    }
    expect(failure).toMatchObject({ outcome: 'unknown', resolvable: true });
    this.#db.driver.clear();
    await expect(this.#session.commit(), 'nothing is written twice').rejects.toBe(failure);
    expect(this.#db.driver.calls).toHaveLength(0);
    if (how === 'request, given up') await this.#rollback();
    else expect(await failure.resolve()).toBe(how === 'reply' ? 'committed' : 'not committed');
    if (how === 'request') return this.commit();
    if (how === 'reply') {
      this.#settle(next, begun);
      this.#clean();
    }
    await this.#checkDatabase();
  }

  /** The statements that are to be sent: the fewest, and the most where the session knows not all rows. */
  #writes(next: Rows): readonly [fewest: Writes, most: Writes] {
    const work = {
      stored: this.#stored,
      rows: this.#rows,
      next,
      deleted: this.#deleted,
      switched: this.#switched,
      ids: this.#ids,
      rekeyed: this.#rekeyed,
    };
    const { rowParameters } = this.#db.driver.limits;
    // Rows as parameters of their own go in a few sizes of statements, so that few texts are made: 1, 2, 4 rows and so on.
    const chunks = (rows: number): number =>
      rowParameters === undefined ? 1 : rows.toString(2).replaceAll('0', '').length;
    const shared = { chunks, together: this.#db.driver.dialect.unit.together !== undefined };
    const isKnown = (uid: Uid): boolean => this.#entities.has(uid);
    return [
      expectedWrites(work, { ...shared, isKnown, adminsFirst: false, all: false }),
      expectedWrites(work, { ...shared, isKnown: () => true, adminsFirst: true, all: true }),
    ];
  }

  #checkWrites([fewest, most]: readonly [Writes, Writes], changes?: readonly number[]): void {
    const { sql } = this.#db.driver;
    const sent = sentWrites(sql, changes);
    for (const what of new Set([...sent.keys(), ...most.keys()])) {
      // Of collections that are not loaded nobody knows whether a pair is a change.
      const isOpen = what.endsWith(' post_tags') && !this.#isWhole();
      const [statements, rows] = sent.get(what) ?? [0, 0];
      const [[from, least], [to, greatest]] = [fewest.get(what) ?? [0, 0], most.get(what) ?? [0, 0]];
      const isCount = statements >= from && (statements <= to || isOpen);
      if (isCount && (!changes || isOpen || (rows >= least && rows <= greatest))) continue;
      expect.fail(
        `${what}: ${statements} statements of ${rows} rows, and not ${from} to ${to} of ${least} to ${greatest}:\n${sql.join('\n')}`,
      );
    }
  }

  #isWhole(): boolean {
    return this.#read === 'all' && !this.#keyed;
  }

  #makeUnique(entity: Post | Tag): void {
    const [uid] = [...this.#entities].find(([, other]) => other === entity)!;
    const value = this.#serial++;
    if (entity instanceof Post) entity.rank = this.#rows.post.get(uid)!.rank = value;
    else entity.label = this.#rows.tag.get(uid)!.label = `l${value}`;
  }

  /** Takes steps while a commit is under way; its own work does not see them. */
  async #meanwhile(next: Rows, edits: readonly Step[]): Promise<void> {
    this.#underWay = { next, set: this.#set };
    this.#since = this.#next;
    this.#set = new Set();
    this.#deleted = new Set();
    for (const edit of edits) {
      if (!alone.has(edit.do)) await this.#edit(edit as Edit);
    }
  }

  /** What was committed, and on top of it what was done meanwhile. */
  #settle(next: Rows, begun: Rows): void {
    this.#stored = next;
    this.#rows = rebased(next, begun, this.#rows);
    for (const [uid, entity] of this.#entities) {
      const kind = kindOf(entity);
      if (next[kind].has(uid)) this.#ids.set(uid, entity.id);
      else if (!this.#rows[kind].has(uid)) this.#entities.delete(uid);
    }
  }

  #clean(): void {
    this.#named = new Set();
    this.#rekeyed = new Map();
    this.#switched = new Map();
    this.#deleted = new Set();
    this.#set = new Set();
    this.#keyed = false;
    this.#touched = false;
  }

  /** Runs a block as a transaction of the session: what fails is undone, in the database and in memory. */
  async transaction(block: Block): Promise<void> {
    const before = this.#save();
    const session = this.#session as Session<true>;
    let next: Rows | undefined;
    let failure: unknown;
    await session
      .transaction(async () => {
        await this.#run(block);
        next = this.#outcome();
      })
      .catch((error: unknown) => (failure = error));
    this.#end(before, next, failure);
    await this.#checkDatabase();
    this.#checkMemory();
  }

  async #run({ steps, fails }: Block): Promise<void> {
    const session = this.#session as Session<true>;
    for (const step of steps) {
      if (step === 'flush') await this.#flush(() => session.flush());
      else if (step === 'query') {
        // A new entity that is deleted again is nothing to flush, and is there until a flush forgets it.
        if ([...this.#deleted].every((uid) => this.#ids.has(uid)))
          await this.#flush(async () => void (await session.query(Tag).count()));
      } else if ('steps' in step) await this.#nest(step);
      else {
        // What reads may flush first.
        if (reading.has(step.do)) await this.#flush(() => session.flush());
        this.#touched = true;
        await this.#edit(step);
      }
      this.#checkMemory();
    }
    if (fails) throw new Refusal();
  }

  async #flush(flush: () => Promise<void>): Promise<void> {
    const next = this.#outcome();
    const begun = copyOf(this.#rows);
    const writes = this.#writes(next);
    this.#db.driver.clear();
    await flush();
    expect(this.#clashes(next, false), 'a flush of values that clash').toEqual([]);
    this.#checkWrites(writes);
    this.#settle(next, begun);
    this.#clean();
  }

  async #nest(block: Block): Promise<void> {
    const session = this.#session as Session<true>;
    let before: Saved | undefined;
    let next: Rows | undefined;
    let failure: unknown;
    const first = this.#outcome();
    const begun = copyOf(this.#rows);
    await session
      .nested(async () => {
        // What was pending was flushed before the savepoint.
        this.#settle(first, begun);
        this.#clean();
        before = this.#save();
        await this.#run(block);
        next = this.#outcome();
      })
      .catch((error: unknown) => (failure = error));
    if (!before) throw failure;
    this.#end(before, next, failure);
  }

  /** A transaction or a savepoint has ended: `next` is what it would have left. */
  #end(before: Saved, next: Rows | undefined, failure: unknown): void {
    if (failure === undefined) {
      this.#settle(next!, copyOf(this.#rows));
      this.#clean();
      return;
    }
    if (!(failure instanceof Refusal)) {
      if ((failure as { code?: string }).code !== 'UniqueViolation') throw failure;
      expect(this.#clashes(next ?? this.#outcome(), true).length, 'a violation has its reason').toBeGreaterThan(0);
    }
    this.#stored = before.stored;
    this.#rows = copyOf(before.stored);
    this.#entities = new Map(before.entities);
    this.#ids = new Map(before.ids);
    this.#clean();
  }

  #save(): Saved {
    return { stored: copyOf(this.#stored), entities: new Map(this.#entities), ids: new Map(this.#ids) };
  }

  async #rollback(): Promise<void> {
    this.#db.driver.clear();
    await this.#session.rollback();
    expect(this.#db.driver.calls).toHaveLength(0);
    for (const uid of this.#entities.keys()) if (!this.#ids.has(uid)) this.#entities.delete(uid);
    this.#rows = copyOf(this.#stored);
    this.#clean();
  }

  async #reload(read: Reload): Promise<void> {
    await this.#session.close();
    this.#session = this.#db.session();
    this.#read = read;
    this.#entities = new Map();
    this.#rows = copyOf(this.#stored);
    this.#clean();
    if (read === 'nothing') return;
    const byId = (kind: Kind): Map<number, Uid> =>
      new Map([...this.#stored[kind].keys()].map((uid) => [this.#ids.get(uid)!, uid]));
    const whole = read === 'all';
    const users = this.#session.query(User);
    const posts = this.#session.query(Post);
    const tags = this.#session.query(Tag);
    const found = {
      user: await (whole ? users.with({ posts: true, edits: true, team: true, boss: true }) : users).all(),
      post: await (whole ? posts.with({ tags: true, author: true, editor: true }) : posts).all(),
      tag: await (whole ? tags.with({ posts: true }) : tags).all(),
    };
    for (const kind of ['user', 'post', 'tag'] as const) {
      const uids = byId(kind);
      expect(found[kind].map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(
        [...uids.keys()].toSorted((a, b) => a - b),
      );
      for (const entity of found[kind]) this.#entities.set(uids.get(entity.id)!, entity);
    }
  }

  // ── checks

  /** An entity that the session read along with another. */
  #uidByKey(item: object): Uid | 'unknown' {
    const kind = kindOf(item as User | Post | Tag);
    const uid = this.#uids(kind).find((other) => this.#ids.get(other) === (item as User).id);
    return uid ?? 'unknown';
  }

  /** The database, past the session. */
  async #readBack(): Promise<unknown> {
    const texts = [
      'select u.id, name, boss_id, version, level from users u left join admins a on a.id = u.id order by u.id',
      'select id, title, rank, author_id, editor_id from posts order by id',
      'select post_id, tag_id from post_tags order by 1, 2',
      'select id, label from tags order by id',
      'select count(*) from admins where id not in (select id from users)',
    ];
    const answers = await this.#db.read(texts);
    return answers.map((rows) => rows.map((row) => row.map(cell)));
  }

  async #checkDatabase(): Promise<void> {
    const [found, expected] = [await this.#readBack(), this.#expected()];
    if (JSON.stringify(found) !== JSON.stringify(expected)) expect(found, 'the database').toEqual(expected);
  }

  #expected(): unknown {
    const id = (uid: Uid | null): number | null => (uid === null ? null : this.#ids.get(uid)!);
    const sorted = (rows: unknown[][]): unknown[][] =>
      rows.toSorted((a, b) => Number(a[0]) - Number(b[0]) || Number(a[1]) - Number(b[1]));
    const { user, post, tag } = this.#stored;
    return [
      sorted([...user].map(([uid, row]) => [id(uid), row.name, id(row.boss), row.version, row.level])),
      sorted([...post].map(([uid, row]) => [id(uid), row.title, row.rank, id(row.author), id(row.editor)])),
      sorted([...post].flatMap(([uid, row]) => [...row.tags].map((other) => [id(uid), id(other)]))),
      sorted([...tag].map(([uid, row]) => [id(uid), row.label])),
      [[0]],
    ];
  }

  /** Entities in memory say what the rows say, and both sides of each loaded relation agree. */
  #checkMemory(): void {
    const known = new Map([...this.#entities].map(([uid, entity]) => [entity as object, uid]));
    const uidOf = (item: object): Uid | 'unknown' => known.get(item) ?? this.#uidByKey(item);
    const uids = (items: readonly object[] | undefined): unknown =>
      items && items.map((item) => uidOf(item)).toSorted(order);
    const one = (target: object | null | undefined): Uid | null | undefined | 'unknown' =>
      target ? uidOf(target) : target;
    const pointing = <R>(rows: Map<Uid, R>, to: (row: R) => boolean): Uid[] =>
      [...rows].flatMap(([uid, row]) => (to(row) ? [uid] : [])).toSorted(order);
    const check = (what: string, actual: unknown, expected: unknown): void => {
      if (actual !== undefined) same(actual, expected, what);
    };
    const { user, post } = this.#rows;
    for (const [uid, entity] of this.#entities) {
      if (entity instanceof User) {
        const row = user.get(uid)!;
        same(entity.name, row.name, `name of ${uid}`);
        check(`boss of ${uid}`, one(entity.boss.peek()), row.boss);
        if (this.#keyed) continue;
        check(
          `team of ${uid}`,
          uids(entity.team.peek()),
          pointing(user, ({ boss }) => boss === uid),
        );
        check(
          `posts of ${uid}`,
          uids(entity.posts.peek()),
          pointing(post, ({ author }) => author === uid),
        );
        check(
          `edits of ${uid}`,
          uids(entity.edits.peek()),
          pointing(post, ({ editor }) => editor === uid),
        );
      } else if (entity instanceof Post) {
        const row = post.get(uid)!;
        same([entity.title, entity.rank], [row.title, row.rank], `values of ${uid}`);
        check(`author of ${uid}`, one(entity.author.peek()), row.author);
        check(`editor of ${uid}`, one(entity.editor.peek()), row.editor);
        check(`tags of ${uid}`, uids(entity.tags.peek()), [...row.tags].toSorted(order));
      } else {
        same(entity.label, this.#rows.tag.get(uid)!.label, `label of ${uid}`);
        if (this.#read === 'all')
          check(
            `posts of tag ${uid}`,
            uids(entity.posts.peek()),
            pointing(post, ({ tags }) => tags.has(uid)),
          );
      }
      const id = this.#rekeyed.get(uid) ?? this.#ids.get(uid);
      if (id !== undefined) same(entity.id, id, `key of ${uid}`);
    }
    if (this.#touched) return;
    // Nothing is pending: keys and versions are those of the rows.
    const key = (target: Uid | null): number | null => (target === null ? null : this.#ids.get(target)!);
    for (const [uid, entity] of this.#entities) {
      if (entity instanceof User)
        same([entity.bossId, entity.version], [key(user.get(uid)!.boss), user.get(uid)!.version], `keys of ${uid}`);
      if (entity instanceof Post)
        same(
          [entity.authorId, entity.editorId],
          [key(post.get(uid)!.author), key(post.get(uid)!.editor)],
          `keys of ${uid}`,
        );
    }
  }
}

/** What a rollback goes back to. */
interface Saved {
  readonly stored: Rows;
  readonly entities: ReadonlyMap<Uid, User | Post | Tag>;
  readonly ids: ReadonlyMap<Uid, number>;
}

/** How a block of a transaction says that it is to be undone. */
class Refusal extends Error {}

/** A database for many programs, one after the other. */
export interface Programs {
  readonly db: TestDatabase;
  /** A world whose tables are empty. */
  world(): Promise<World>;
}

export async function openPrograms(driver: TestDriver): Promise<Programs> {
  const network = losing(driver);
  const db = await freshDatabase(network, Model.metadata, { receipts: receipts({ always: false }) });
  await createReceipts(db.engine);
  return {
    db,
    world: async () => {
      await emptied(db);
      return new World(db, network);
    },
  };
}

async function emptied(db: TestDatabase): Promise<void> {
  await db.run(
    'delete from cinnabar_receipts',
    'delete from post_tags',
    'delete from posts',
    'delete from admins',
    'update users set boss_id = null',
    'delete from users',
    'delete from tags',
  );
}

/** As a number, whatever the driver gives for one. */
function cell(value: unknown): unknown {
  return typeof value === 'bigint' || (typeof value === 'string' && /^-?\d+$/.test(value)) ? Number(value) : value;
}

/** Compares values, or arrays of them, without the cost of an assertion that holds. */
function same(actual: unknown, expected: unknown, what: string): void {
  if (Object.is(actual, expected)) return;
  const isSame =
    Array.isArray(actual) &&
    Array.isArray(expected) &&
    actual.length === expected.length &&
    actual.every((value, at) => Object.is(value, expected[at]));
  if (!isSame) expect(actual, what).toEqual(expected);
}

function kindOf(entity: User | Post | Tag): Kind {
  return entity instanceof User ? 'user' : entity instanceof Post ? 'post' : 'tag';
}

function order(a: Uid | 'unknown', b: Uid | 'unknown'): number {
  return Number(a) - Number(b);
}
