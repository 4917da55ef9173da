import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { above, hashOf, type Route, routeOf } from '../../../../src/server/console/page/state/route.ts';

const ROUTES: readonly Route[] = [
  { type: 'calls' },
  { type: 'call', id: '0123abcd' },
  { type: 'ended' },
  { type: 'replay', id: '0123abcd' },
  { type: 'records' },
  { type: 'record', id: '0123abcd' },
  { type: 'engines' },
  { type: 'nodes' },
];

describe('the address of a part of the console', () => {
  it('leads back to the part', () => {
    for (const route of ROUTES) {
      assert.deepEqual(routeOf(hashOf(route)), route);
    }
  });

  it('leads to the calls where it leads nowhere', () => {
    for (const hash of ['', '#', '#/nothing', '#/call', '#/call/', '#/call/a/b', 'call']) {
      assert.deepEqual(routeOf(hash), { type: 'calls' }, hash);
    }
  });

  it('leads up from every part but the first', () => {
    assert.deepEqual(
      ROUTES.map((route) => above(route)?.type),
      [undefined, 'calls', 'calls', 'ended', 'calls', 'records', 'calls', 'calls'],
    );
  });
});
