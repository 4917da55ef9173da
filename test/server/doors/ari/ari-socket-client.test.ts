import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Tally } from '../../../../src/base/tally.ts';
import { hangUp, listBridges } from '../../../../src/protocol/ari/ari-requests.ts';
import { statusOf } from '../../../../src/server/doors/ari/ari-asker.ts';
import { AriSocketClient } from '../../../../src/server/doors/ari/ari-socket-client.ts';
import { FakeClock } from '../../../base/fake-clock.ts';
import { never } from '../../../support/waiting.ts';

const signal = never();

function opened() {
  const clock = new FakeClock();
  const failed = new Tally<string>();
  const client = new AriSocketClient(clock, failed);
  const sent: string[] = [];
  const connect = (): void => client.connected((message) => sent.push(message));
  return { clock, failed, client, sent, connect };
}

describe('requests on a connection that Asterisk has opened', () => {
  it('are messages, and are answered by their id, whatever comes between', async () => {
    const { client, sent, connect } = opened();
    connect();
    const bridges = client.ask(listBridges(), signal);
    const gone = client.ask(hangUp('1795.0', 17), signal);
    assert.deepEqual(JSON.parse(sent[0] ?? ''), {
      type: 'RESTRequest',
      transaction_id: 'dragoman',
      request_id: '1',
      method: 'GET',
      uri: 'bridges',
    });
    assert.equal(JSON.parse(sent[1] ?? '').uri, 'channels/1795.0?reason_code=17');
    client.answer({ id: '9', status: 200, body: '[]' });
    client.answer({ id: '2', status: 204, body: '' });
    client.answer({ id: '1', status: 200, body: '[{"id":"b"}]' });
    assert.deepEqual(await bridges, [{ id: 'b' }]);
    assert.equal(await gone, undefined);
  });

  it('are refused by their status, and counted unless what they are about is gone', async () => {
    const { client, failed, connect } = opened();
    connect();
    for (const [id, status] of [
      ['1', 500],
      ['2', 404],
    ] as const) {
      const asked = client.ask(listBridges(), signal);
      client.answer({ id, status, body: '{"message":"bob is away"}' });
      await assert.rejects(asked, (error) => {
        assert.equal(statusOf(error), status);
        assert.doesNotMatch(String(error), /bob/);
        return true;
      });
    }
    assert.deepEqual([...failed.entries()], [['list-bridges', 1]]);
  });

  it('wait for a connection, are asked again on one more, and not on a third', async () => {
    const { client, sent, connect } = opened();
    const asked = client.ask(listBridges(), signal);
    assert.equal(sent.length, 0);
    for (const times of [1, 2, 2]) {
      connect();
      assert.equal(sent.length, times);
      client.disconnected();
    }
    connect();
    client.answer({ id: '1', status: 200, body: '[]' });
    assert.deepEqual(await asked, []);
  });

  it('are given up after 5 s, in words', async () => {
    const { client, clock, failed, connect } = opened();
    connect();
    const asked = assert.rejects(client.ask(listBridges(), signal), /does not answer "list-bridges"/);
    await clock.advance(5_000);
    await asked;
    assert.equal(failed.get('list-bridges'), 1);
  });
});
