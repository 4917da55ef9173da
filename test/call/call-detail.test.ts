/** The record of a call: who came, went and why, each direction and engine, and no word of what was said. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CALL_DETAIL, type CallDetail } from '../../src/call/detail/call-detail.ts';
import { sine } from '../asterisk/audio.ts';
import { type ExchangeOptions, ScriptedExchange } from './scripted-legs.ts';

type Test = ConstructorParameters<typeof ScriptedExchange>[0];

function recorded(test: Test, options?: ExchangeOptions) {
  const exchange = new ScriptedExchange(test, options);
  const details: CallDetail[] = [];
  exchange.switchboard.watchEnds((detail) => details.push(detail), AbortSignal.timeout(60_000));
  return { exchange, details };
}

describe("a call's record", () => {
  it('tells of each party and leg, each direction and what engines were given', async (t) => {
    const { exchange, details } = recorded(t, { plan: { linkedid: '1764.7', metadata: { ticket: '4' } } });
    const [, b] = await exchange.call('call', 16_000);
    await exchange.run(1_000);
    const rendering = exchange.interpreters.last;
    rendering.speaks(0, sine(440, 200, 8_000));
    rendering.ends(0, { source: { language: 'en', text: 'three short words' } });
    rendering.says({ type: 'noted', what: 'repaired', count: 2 });
    rendering.says({ type: 'charged', charge: { component: 'mt', engine: 'acme', amount: 17 } });
    rendering.says({ type: 'charged', charge: { component: 'mt', engine: 'acme', amount: 3 } });
    await exchange.run(1_000);
    assert.equal(details.length, 0);
    b.end('peer-closed');
    await exchange.run(40);
    const [detail, ...more] = details;
    assert.ok(detail !== undefined);
    assert.equal(more.length, 0);
    assert.deepEqual(CALL_DETAIL.parse(JSON.parse(JSON.stringify(detail))), detail);
    const { parties, directions, engines, ...call } = detail;
    assert.deepEqual(
      [call.callId, call.linkedid, call.metadata, call.languages, call.end, call.kind],
      ['call', '1764.7', { ticket: '4' }, ['en', 'es'], { reason: 'peer-closed', by: 'b' }, 'pair'],
    );
    assert.match(call.call, /^[0-9a-f]{16}$/);
    assert.equal(Date.parse(call.endedAt) - Date.parse(call.startedAt), call.durationMs);
    assert.ok(call.answeredAt !== undefined);
    assert.deepEqual(
      parties.map(({ party, languages, legs }) => [party, languages, legs.map(({ reason }) => reason)]),
      [
        ['a', ['en'], ['partner-left']],
        ['b', ['es'], ['peer-closed']],
      ],
    );
    const leg = parties[1]?.legs[0];
    assert.deepEqual([leg?.door, leg?.rateHz, leg?.startMs, leg?.endMs], ['test', 16_000, 0, 2_000]);
    assert.ok(leg !== undefined && leg.framesIn >= 95 && leg.framesOut >= 95, JSON.stringify(leg));
    const [direction] = directions;
    assert.deepEqual(
      [direction?.from, direction?.to, direction?.utterances, direction?.words, direction?.repaired],
      ['en', 'es', { spoken: 1 }, 3, 2],
    );
    assert.equal(direction?.delay?.p50Ms, direction?.delay?.maxMs);
    assert.deepEqual(engines, [{ component: 'mt', engine: 'acme', from: 'en', to: 'es', characters: 20 }]);
    assert.doesNotMatch(JSON.stringify(detail), /short words|rendered/);
  });

  it('keeps what the hearing noted by its language, and speech in ms', async (t) => {
    const { exchange, details } = recorded(t, {
      interpreters: (scripted) => (from) => (from === 'en' ? scripted.text : undefined),
    });
    const [a] = await exchange.call();
    await exchange.run(100);
    const hearing = exchange.interpreters.hearings.at(-1);
    hearing?.options.onEvent({ type: 'noted', what: 'contradicted-word', count: 3 });
    hearing?.options.onEvent({
      type: 'charged',
      charge: { component: 'stt', engine: 'acme', amount: 1_234.4 },
    });
    a.end('peer-closed');
    await exchange.run(40);
    assert.deepEqual(details[0]?.contradictedWords, { en: 3 });
    assert.deepEqual(details[0]?.engines, [
      { component: 'stt', engine: 'acme', from: 'en', speechMs: 1_234 },
    ]);
  });

  it('has no answer where only one came, and each leg of one who came back', async (t) => {
    const { exchange, details } = recorded(t, { door: { rejoinMs: 3_000 } });
    const first = await exchange.arrive('call0');
    await exchange.run(200);
    first.end('reset');
    await exchange.run(200);
    const next = await exchange.arrive('call0');
    await exchange.run(200);
    next.end('peer-hangup');
    await exchange.run(40);
    const [detail] = details;
    assert.equal(detail?.answeredAt, undefined);
    assert.deepEqual(
      detail?.parties[0]?.legs.map(({ reason, startMs, endMs }) => [reason, startMs, endMs]),
      [
        ['reset', 0, 200],
        ['peer-hangup', 400, 600],
      ],
    );
  });
});
