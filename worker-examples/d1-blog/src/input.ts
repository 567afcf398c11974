// What comes from outside: read, checked, and named in the error when it is not as it should be.
import { Problem } from './problem.ts';

export interface NewPost {
  readonly title: string;
  readonly body: string;
  readonly author: string;
  readonly tags: readonly string[];
}

export interface PostChanges {
  readonly version: number;
  readonly title?: string;
  readonly body?: string;
  readonly tags?: readonly string[];
}

const largestBody = 100_000;

type Fields = Readonly<Record<string, unknown>>;

async function readFields(request: Request): Promise<Fields> {
  if (!/^application\/json\b/i.test(request.headers.get('content-type') ?? '')) {
    throw new Problem(415, 'UnsupportedMediaType', 'send JSON, with content-type: application/json');
  }
  const body = await request.text();
  if (body.length > largestBody) {
    throw new Problem(413, 'ContentTooLarge', `a body may have ${largestBody} characters`);
  }
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new Problem(400, 'InvalidInput', 'the body is not JSON');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new Problem(400, 'InvalidInput', 'the body is not a JSON object');
}

/** Collects what is wrong with each field, so that the answer can tell all of it at once. */
class Checker {
  readonly #fields: Fields;
  readonly #wrong = new Map<string, string>();

  constructor(fields: Fields, known: readonly string[]) {
    this.#fields = fields;
    for (const name of Object.keys(fields)) {
      if (!known.includes(name)) this.#wrong.set(name, `unknown; there are ${known.join(', ')}`);
    }
  }

  has(name: string): boolean {
    return this.#fields[name] !== undefined;
  }

  text(name: string, longest: number): string {
    const value = this.#fields[name];
    const text = typeof value === 'string' ? value.trim() : '';
    if (text === '' || text.length > longest) this.#wrong.set(name, `a text of 1 to ${longest} characters`);
    return text;
  }

  labels(name: string): string[] {
    const value = this.#fields[name] ?? [];
    const list: unknown[] = Array.isArray(value) ? value : [undefined];
    const labels = list.map((label) => (typeof label === 'string' ? label.trim().toLowerCase() : ''));
    if (labels.length > 10 || labels.some((label) => label === '' || label.length > 30)) {
      this.#wrong.set(name, 'a list of up to 10 texts of 1 to 30 characters');
    }
    return [...new Set(labels)];
  }

  version(name: string): number {
    const value = this.#fields[name];
    if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
    this.#wrong.set(name, 'the version of the post as you read it');
    return 0;
  }

  end(): void {
    if (this.#wrong.size === 0) return;
    const fields = Object.fromEntries(this.#wrong);
    throw new Problem(400, 'InvalidInput', 'some fields are not as they should be', { fields });
  }
}

export async function readNewPost(request: Request): Promise<NewPost> {
  const check = new Checker(await readFields(request), ['title', 'body', 'author', 'tags']);
  const post = {
    title: check.text('title', 200),
    body: check.text('body', 20_000),
    author: check.text('author', 80),
    tags: check.labels('tags'),
  };
  check.end();
  return post;
}

export async function readChanges(request: Request): Promise<PostChanges> {
  const check = new Checker(await readFields(request), ['version', 'title', 'body', 'tags']);
  const changes = {
    version: check.version('version'),
    ...(check.has('title') ? { title: check.text('title', 200) } : {}),
    ...(check.has('body') ? { body: check.text('body', 20_000) } : {}),
    ...(check.has('tags') ? { tags: check.labels('tags') } : {}),
  };
  check.end();
  return changes;
}

export interface Listing {
  readonly page: number;
  readonly tag: string | undefined;
}

/** `?page=2&tag=edge` */
export function readListing({ searchParams }: URL): Listing {
  const page = searchParams.get('page') ?? '1';
  if (!/^[1-9]\d{0,5}$/.test(page)) {
    throw new Problem(400, 'InvalidInput', 'page is a whole number from 1', { fields: { page: 'a number from 1' } });
  }
  return { page: Number(page), tag: searchParams.get('tag')?.trim().toLowerCase() || undefined };
}
