/** Nodes that serve together, over the API of one of them. */

import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { PROBLEM } from '../../../../src/server/http/problem.ts';
import { FakeNodes } from '../fake-nodes.ts';
import { answer, closeHttp, startHttp } from '../start-http.ts';

afterEach(closeHttp);

describe('the nodes of a cluster', () => {
  it('are listed with how they are, what they carry and where they are', async () => {
    const { url } = await startHttp({}, { nodes: new FakeNodes() });
    const common = { stateForMs: 61_000, version: '1.2.3', legs: 4, maxLegs: 200, calls: 2 };
    const places = { address: '10.0.0.1:5050', http: '10.0.0.1:3000' };
    assert.deepEqual(await answer(url('/api/v1/nodes')), {
      status: 200,
      body: {
        cluster: true,
        connected: true,
        nodes: [
          { name: 'one', self: true, state: 'up', ...common, ...places },
          { name: 'two', self: false, state: 'draining', ...common, ...places },
          { name: 'three', self: false, state: 'lost', ...common },
        ],
      },
    });
  });

  it('are none where one serves alone', async () => {
    const { url } = await startHttp();
    assert.deepEqual((await answer(url('/api/v1/nodes'))).body, {
      cluster: false,
      connected: false,
      nodes: [],
    });
    assert.deepEqual((await answer(url('/api/v1/nodes/calls'))).body, { calls: [] });
    const { status, body } = await answer(url('/api/v1/nodes/two/drain'), { method: 'POST' });
    assert.deepEqual([status, PROBLEM.parse(body).code], [404, 'no-such-node']);
  });

  it('show the calls of all of them', async () => {
    const { url } = await startHttp({}, { nodes: new FakeNodes() });
    assert.deepEqual((await answer(url('/api/v1/nodes/calls'))).body, {
      calls: [
        {
          ...{ call: 'c-1', node: 'two', startedAt: '2026-01-01T00:00:00.000Z', languages: ['en', 'es'] },
          ...{ parties: 2, resumed: 1 },
        },
      ],
    });
  });

  it('take no new calls when one of them is asked, and take them again', async () => {
    const nodes = new FakeNodes();
    const { url } = await startHttp({}, { nodes });
    for (const [word, draining] of [
      ['drain', true],
      ['enable', false],
    ] as const) {
      const { status, body } = await answer(url(`/api/v1/nodes/two/${word}`), { method: 'POST' });
      assert.deepEqual([status, body], [200, { draining }]);
    }
    assert.deepEqual(
      nodes.held.map(([name, held]) => [name, held]),
      [
        ['two', true],
        ['two', false],
      ],
    );
  });

  it('say what became of it where it did not', async () => {
    const nodes = new FakeNodes();
    const { url } = await startHttp({}, { nodes });
    for (const [answers, status, code] of [
      ['not-there', 404, 'no-such-node'],
      ['no-answer', 503, 'node-silent'],
    ] as const) {
      nodes.answers = answers;
      const { status: said, body } = await answer(url('/api/v1/nodes/two/drain'), { method: 'POST' });
      assert.deepEqual([said, PROBLEM.parse(body).code], [status, code]);
    }
  });

  it('are part of the report of health, which is no worse than degraded without the broker', async () => {
    const nodes = new FakeNodes();
    const { url } = await startHttp({}, { nodes });
    const cluster = async () => {
      const { body } = await answer(url('/health/report'));
      assert.ok(typeof body === 'object' && body !== null && 'cluster' in body);
      return body.cluster;
    };
    const known = { nodes: { joining: 0, up: 1, draining: 1, left: 0, lost: 1 }, records: 3 };
    assert.deepEqual(await cluster(), { state: 'HEALTHY', connected: true, ...known });
    nodes.link = { connected: false, trouble: 'connection refused' };
    const reason = 'connection refused';
    assert.deepEqual(await cluster(), { state: 'DEGRADED', connected: false, reason, ...known });
  });
});
