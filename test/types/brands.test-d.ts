import { expectTypeOf, test } from 'vitest';
import { select, type Session, type Values } from 'cinnabar';
import { Every, Post, User, type Locale, type PostId, type UserId } from './models.ts';

declare const session: Session;
declare const userId: UserId;
declare const postId: PostId;

test('a branded column yields and takes its brand', async () => {
  expectTypeOf<Values<User>['managerId']>().toEqualTypeOf<UserId | null>();
  expectTypeOf<Values<Every>['locale']>().toEqualTypeOf<Locale>();
  const rows = await session.all(select({ id: Post.c.id, authorId: Post.c.authorId }).from(Post));
  expectTypeOf(rows).toEqualTypeOf<{ id: PostId; authorId: UserId }[]>();
  User.c.id.eq(userId);
  User.c.id.eq(Post.c.authorId);
  User.c.id.in([userId]);
});

test('another brand, or none, is refused', () => {
  // @ts-expect-error no brand
  User.c.id.eq(1);
  // @ts-expect-error the brand of another model
  User.c.id.eq(postId);
  // @ts-expect-error a column of another brand
  User.c.id.eq(Post.c.id);
  // @ts-expect-error a list of another brand
  User.c.id.in([postId]);
  // @ts-expect-error a select of another brand
  User.c.id.in(select({ id: Post.c.id }).from(Post));
});
