/**
 * The console at `/`: one page, and what it is made of under names that change with their contents, so that a browser may
 * keep them for good and still has the page of the server that it asks. Nothing on the page comes from elsewhere, and
 * nothing on it is a secret: what it shows it asks the API for, as whoever looks at it may.
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Only what is here, and nobody puts it into a page of their own. */
const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'permissions-policy': 'microphone=(), camera=(), geolocation=()',
};

/** What the page is made of, by the names that are written in it. The first two are built from `page/`. */
const PARTS = [
  ['console.js', 'text/javascript; charset=utf-8'],
  ['console.css', 'text/css; charset=utf-8'],
  ['icon.svg', 'image/svg+xml'],
] as const;

/** Of a name that changes with what it names: 48 bits. */
const MARK_CHARACTERS = 8;

interface Body {
  readonly type: string;
  readonly plain: Buffer;
  readonly gzipped: Buffer;
}

/** @throws Error when the page was not built; `npm run build` does. */
export function addConsole(app: FastifyInstance): void {
  let page = partOf('page.html').toString('utf8');
  for (const [name, type] of PARTS) {
    const plain = partOf(name);
    const marked = withMark(name, plain);
    page = page.replace(`"console/${name}"`, `"console/${marked}"`);
    const body = bodyOf(type, plain);
    app.get(`/console/${marked}`, (request, reply) =>
      send(request, reply.header('cache-control', 'public, max-age=31536000, immutable'), body),
    );
  }
  const body = bodyOf('text/html; charset=utf-8', Buffer.from(page));
  app.get('/', (request, reply) =>
    send(request, reply.headers(PAGE_HEADERS).header('cache-control', 'no-cache'), body),
  );
}

function partOf(name: string): Buffer {
  return readFileSync(new URL(`page/${name}`, import.meta.url));
}

/** `console.js` is `console.Qm0t3x_A.js`, until something in it changes. */
function withMark(name: string, contents: Buffer): string {
  const mark = createHash('sha256').update(contents).digest('base64url').slice(0, MARK_CHARACTERS);
  return name.replace('.', `.${mark}.`);
}

function bodyOf(type: string, plain: Buffer): Body {
  return { type, plain, gzipped: gzipSync(plain, { level: 9 }) };
}

function send(request: FastifyRequest, reply: FastifyReply, { type, plain, gzipped }: Body): FastifyReply {
  const zipped = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  reply.type(type).headers({ vary: 'accept-encoding', 'x-content-type-options': 'nosniff' });
  return zipped ? reply.header('content-encoding', 'gzip').send(gzipped) : reply.send(plain);
}
