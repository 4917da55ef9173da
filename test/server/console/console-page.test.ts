import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { fastify } from 'fastify';
import { addConsole } from '../../../src/server/console/console-page.ts';

/** The most that comes over the wire for a first visit; a page that an operator waits for is another page. */
const MOST_BYTES = 150_000;

async function visit() {
  const app = fastify();
  addConsole(app);
  const get = (url: string, headers = {}) => app.inject({ url, headers });
  const page = await get('/');
  const parts = [...page.body.matchAll(/(?:src|href)="(console\/[^"]+)"/g)].map(
    ([, path = '']) => `/${path}`,
  );
  return { get, page, parts };
}

describe('the console at /', () => {
  it('has everything that it names, under names that change with the contents', async () => {
    const { get, page, parts } = await visit();
    assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
    assert.deepEqual(parts.map((path) => path.replace(/\.[\w-]{8}\./, '.')).toSorted(), [
      '/console/console.css',
      '/console/console.js',
      '/console/icon.svg',
    ]);
    for (const path of parts) {
      const part = await get(path);
      assert.equal(part.statusCode, 200, path);
      assert.match(String(part.headers['cache-control']), /immutable/);
      assert.equal(part.headers['x-content-type-options'], 'nosniff');
    }
    assert.equal((await get('/console/console.00000000.js')).statusCode, 404);
  });

  it('is asked for each time, and lets nothing in from elsewhere nor out of the page', async () => {
    const { page } = await visit();
    assert.equal(page.headers['cache-control'], 'no-cache');
    assert.match(
      String(page.headers['content-security-policy']),
      /^default-src 'self';.*frame-ancestors 'none'/,
    );
    assert.doesNotMatch(page.body, /<script(?![^>]*src=)|<style| style=| on\w+=|https?:/);
  });

  it('goes over the wire compressed, and is small', async () => {
    const { get, page, parts } = await visit();
    let bytes = 0;
    for (const path of ['/', ...parts]) {
      const plain = await get(path);
      const zipped = await get(path, { 'accept-encoding': 'br, gzip' });
      assert.equal(zipped.headers['content-encoding'], 'gzip');
      assert.equal(gunzipSync(zipped.rawPayload).toString(), plain.body);
      bytes += zipped.rawPayload.length;
    }
    assert.ok(bytes < MOST_BYTES && bytes > page.rawPayload.length, `${bytes} bytes`);
  });
});
