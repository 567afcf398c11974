import type { LogEvent } from 'cinnabar';
import { type Html, html } from './html.ts';
import type { Listing } from './input.ts';
import type { PageOfPosts, WholePost } from './posts.ts';

const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });

function document(title: string, main: Html, footer: Html): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="stylesheet" href="/style.css" />
      </head>
      <body>
        <a class="skip" href="#main">Skip to the posts</a>
        <header>
          <p class="name"><a href="/">Notes from the edge</a></p>
          <p class="about">A blog on Cloudflare D1, written with Cinnabar</p>
        </header>
        <main id="main" tabindex="-1">${main}</main>
        <footer>${footer}</footer>
      </body>
    </html>`.text;
}

const address = (page: number, tag: string | undefined): string => {
  const query = new URLSearchParams({
    ...(tag === undefined ? {} : { tag }),
    ...(page > 1 ? { page: String(page) } : {}),
  });
  return query.size > 0 ? `/?${query}` : '/';
};

function article({ id, title, body, createdAt, author, tags }: WholePost): Html {
  const paragraphs = body.split(/\n{2,}/).map((text) => html`<p>${text}</p>`);
  const labels = tags.items.map(({ label }) => html`<li><a href="${address(1, label)}">${label}</a></li>`);
  return html`<article aria-labelledby="post-${id}">
    <h2 id="post-${id}">${title}</h2>
    <p class="by">
      ${author.value.name} · <time datetime="${createdAt.toISOString()}">${date.format(createdAt)}</time>
    </p>
    <div class="body">${paragraphs}</div>
    ${labels.length > 0 ? html`<ul class="tags" aria-label="Tags">${labels}</ul>` : ''}
  </article>`;
}

function pager({ page, tag }: Listing, hasMore: boolean): Html {
  if (page === 1 && !hasMore) return html``;
  return html`<nav class="pager" aria-label="Pages">
    ${page > 1 ? html`<a rel="prev" href="${address(page - 1, tag)}">Newer</a>` : html`<span></span>`}
    <span>Page ${page}</span>
    ${hasMore ? html`<a rel="next" href="${address(page + 1, tag)}">Older</a>` : html`<span></span>`}
  </nav>`;
}

const firstPost = html`<p>There are no posts here yet. Write one:</p>
  <pre tabindex="0"><code>curl -X POST "$BLOG/api/posts" \
  -H 'content-type: application/json' \
  -d '{"title": "Hello", "body": "From the edge.", "author": "Ann", "tags": ["edge"]}'</code></pre>`;

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

/** What was sent to the database for this very page. */
function trips(log: readonly LogEvent[]): Html {
  const all = log.reduce((sum, event) => sum + event.trips, 0);
  const statements = log.flatMap((event) => event.statements);
  return html`<details>
    <summary>This page took <strong>${count(all, 'round trip')}</strong> to D1</summary>
    <p>${count(statements.length, 'statement')}, values bound:</p>
    <ol>
      ${statements.map(({ sql }) => html`<li><code>${sql}</code></li>`)}
    </ol>
  </details>`;
}

export function listPage(listing: Listing, { posts, hasMore }: PageOfPosts, log: readonly LogEvent[]): string {
  const { page, tag } = listing;
  const title = tag === undefined ? 'Posts' : `Posts tagged ${tag}`;
  const heading = tag === undefined ? html`<h1>Posts</h1>` : html`<h1>Posts tagged <em>${tag}</em></h1>`;
  const none = page === 1 && tag === undefined ? firstPost : html`<p>None here.</p>`;
  const list = posts.length > 0 ? posts.map(article) : none;
  const where = page > 1 ? `${title}, page ${page}` : title;
  return document(`${where} · Notes from the edge`, html`${heading}${list}${pager(listing, hasMore)}`, trips(log));
}

export function problemPage(status: number, message: string): string {
  return document(
    `${status} · Notes from the edge`,
    html`<h1>${status}</h1><p>${message}</p>`,
    html`<a href="/">To the posts</a>`,
  );
}
