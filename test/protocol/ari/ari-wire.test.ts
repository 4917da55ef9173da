import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ariEvent } from '../../../src/protocol/ari/ari-events.ts';
import { addToBridge, answer, hangUp, originate } from '../../../src/protocol/ari/ari-requests.ts';
import { ariBridges, ariChannels } from '../../../src/protocol/ari/ari-resources.ts';

/** As Asterisk 22.10.1 tells of a phone that entered, but for what is not read. */
const CHANNEL = {
  id: '1795875807.0',
  name: 'PJSIP/alice-00000000',
  state: 'Up',
  caller: { name: 'Alice', number: '100' },
  dialplan: { context: 'phones', exten: '7777', priority: 2, app_name: 'Stasis', app_data: 'dragoman,en' },
  channelvars: {
    ...{ DRAGOMAN_LANG: 'fr', DRAGOMAN_VOICE: 'nova', DRAGOMAN_LEG: '40325ec2' },
    'CHANNEL(linkedid)': '1795875806.9',
  },
};

const READ = {
  id: '1795875807.0',
  name: 'PJSIP/alice-00000000',
  state: 'Up',
  callerNumber: '100',
  extension: '7777',
  application: 'Stasis',
  applicationData: 'dragoman,en',
  language: 'fr',
  voice: 'nova',
  leg: '40325ec2',
  linkedid: '1795875806.9',
};

describe('events of ARI', () => {
  it('are read for what a call is driven by', () => {
    assert.deepEqual(ariEvent({ type: 'StasisStart', args: ['en'], channel: CHANNEL }), {
      type: 'StasisStart',
      channel: READ,
      args: ['en'],
      replaces: undefined,
    });
    const handed = ariEvent({
      type: 'StasisStart',
      args: [],
      channel: CHANNEL,
      replace_channel: { id: 'old' },
    });
    assert.equal(handed?.type === 'StasisStart' ? handed.replaces : undefined, 'old');
    assert.deepEqual(ariEvent({ type: 'ChannelDestroyed', cause: 17, channel: CHANNEL }), {
      type: 'ChannelDestroyed',
      channelId: '1795875807.0',
      cause: 17,
    });
    assert.deepEqual(
      ariEvent({ type: 'ChannelDtmfReceived', digit: '5', duration_ms: 100, channel: CHANNEL }),
      {
        type: 'ChannelDtmfReceived',
        channelId: '1795875807.0',
        key: '5',
      },
    );
    assert.deepEqual(ariEvent({ type: 'StasisEnd', channel: CHANNEL }), {
      type: 'StasisEnd',
      channelId: '1795875807.0',
    });
    assert.deepEqual(ariEvent({ type: 'ChannelHold', musicclass: 'default', channel: CHANNEL }), {
      type: 'ChannelHold',
      channelId: '1795875807.0',
    });
    const dial = { type: 'Dial', dialstatus: 'ANSWER', caller: CHANNEL, peer: { ...CHANNEL, id: 'peer' } };
    assert.deepEqual(ariEvent(dial), { type: 'Dial', channelId: '1795875807.0', status: 'ANSWER' });
    assert.deepEqual(ariEvent({ type: 'ApplicationReplaced', application: 'dragoman' }), {
      type: 'ApplicationReplaced',
    });
  });

  it('of other kinds, or that lack what they must have, are none', () => {
    for (const message of [
      { type: 'ChannelVarset', channel: CHANNEL },
      { type: 'StasisStart' },
      { type: 'Dial', dialstatus: 'ANSWER', peer: CHANNEL },
      { type: 'StasisStart', channel: { id: 7 } },
      { type: 7 },
      [],
      'text',
      null,
      undefined,
    ]) {
      assert.equal(ariEvent(message), undefined, JSON.stringify(message));
    }
  });
});

describe('lists of ARI', () => {
  it('are read, and what is none is undefined', () => {
    assert.deepEqual(ariChannels([CHANNEL, { no: 'channel' }]), [READ]);
    const parking = { id: 'parking', bridge_type: 'holding', channels: ['c'] };
    assert.deepEqual(ariBridges([{ id: 'dg-b-1', channels: ['a', 'b'] }, { id: 'bare' }, parking]), [
      { id: 'dg-b-1', channels: ['a', 'b'], holding: false },
      { id: 'bare', channels: [], holding: false },
      { id: 'parking', channels: ['c'], holding: true },
    ]);
    assert.equal(ariChannels({ message: 'no' }), undefined);
    assert.equal(ariBridges(undefined), undefined);
  });
});

describe('requests of ARI', () => {
  it('keep what an id holds out of the meaning of a path', () => {
    assert.equal(answer('a/../b?c').path, '/channels/a%2F..%2Fb%3Fc/answer');
    assert.equal(hangUp('1795875807.0', 17).path, '/channels/1795875807.0?reason_code=17');
  });

  it('name channels one by one, since a body knows no commas', () => {
    assert.deepEqual(addToBridge('b', ['p', 'm']).body, { channel: ['p', 'm'] });
  });

  it('show no caller where there is none', () => {
    const call = {
      app: 'dragoman',
      channelId: 'c',
      endpoint: 'PJSIP/bob',
      args: [],
      originator: 'p',
      timeoutS: 20,
    };
    assert.ok(!('callerId' in (originate({ ...call, callerNumber: '' }).body ?? {})));
    assert.equal(originate({ ...call, callerNumber: '100' }).body?.callerId, '100');
  });
});
