import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  howNodesAre,
  isOtherVersion,
  type ShownNode,
  wishFor,
} from '../../../../src/server/console/page/state/node-list.ts';

function node(name: string, more: Partial<ShownNode> = {}): ShownNode {
  return { name, self: false, state: 'up', version: '1.2.3', legs: 0, maxLegs: 200, calls: 0, ...more };
}

describe('the nodes in the console', () => {
  it('can be asked to take no new calls, or to take them again, while they are there', () => {
    const states = ['joining', 'up', 'draining', 'left', 'lost'] as const;
    assert.deepEqual(
      states.map((state) => wishFor(node('one', { state }))),
      ['drain', 'drain', 'enable', undefined, undefined],
    );
  });

  it('are marked where they run another version than the one that is asked', () => {
    const nodes = [node('one', { self: true }), node('two'), node('three', { version: '1.2.4' })];
    assert.deepEqual(
      nodes.map((each) => isOtherVersion(each, nodes)),
      [false, false, true],
    );
    assert.equal(isOtherVersion(node('four', { version: '2.0.0' }), []), false);
  });

  it('are told in one line, those by name that are not up', () => {
    const nodes = [
      node('one'),
      node('two', { state: 'lost' }),
      node('three', { state: 'draining' }),
      node('four', { state: 'lost' }),
    ];
    assert.equal(howNodesAre(nodes), '1 of 4 up; draining: three; lost: two, four');
    assert.equal(howNodesAre([node('one')]), '1 of 1 up');
  });
});
