/** What the log says of a call: who each line is about, and the one line at its end. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CountSums } from '../../src/base/counts.ts';
import { Tally } from '../../src/base/tally.ts';
import type { CallEvent, UtteranceReport } from '../../src/call/call-events.ts';
import { CallSummary } from '../../src/call/call-summary.ts';
import { sine } from '../asterisk/audio.ts';
import { ScriptedExchange } from './scripted-legs.ts';

const JOINED = 'a party has joined';
const LEFT = 'a party has left';
const ENDED = 'a call has ended';

describe('the log of a call', () => {
  it('says of each leg where it comes from, and once it was heard what it speaks', async (t) => {
    const exchange = new ScriptedExchange(t);
    const [a] = await exchange.call('call', 16_000);
    const [first, second] = exchange.logged(JOINED);
    assert.equal(Number(second?.leg), Number(first?.leg) + 1, 'legs are told apart by a number');
    assert.ok(first !== undefined);
    const { leg: _, ...joined } = first;
    assert.deepEqual(joined, {
      remote: 'test',
      call: 'call',
      party: 'a',
      language: 'en',
      parties: 1,
      again: false,
      level: 'info',
      message: JOINED,
    });
    await exchange.run(100);
    a.end('peer-closed');
    await exchange.run(40);
    for (const line of exchange.logged(LEFT)) {
      assert.deepEqual(
        [line.remote, line.call, line.rateHz, line.codec],
        ['test', 'call', 16_000, 'scripted-16000'],
      );
    }
    assert.deepEqual(
      exchange.logged(LEFT).map(({ party, reason }) => [party, reason]),
      [
        ['a', 'peer-closed'],
        ['b', 'partner-left'],
      ],
    );
  });

  it("says it of what a leg's media tell, too", async (t) => {
    const exchange = new ScriptedExchange(t);
    await exchange.call();
    await exchange.run(100);
    exchange.threads.kill();
    await exchange.run(40);
    const died = exchange.logged('a media thread died; the leg goes on on another');
    assert.deepEqual(
      died.map(({ remote, party, rateHz }) => [remote, party, rateHz]),
      [
        ['test', 'a', 8_000],
        ['test', 'b', 8_000],
      ],
    );
  });

  it('sums a call up in one line when it is over', async (t) => {
    const exchange = new ScriptedExchange(t);
    const [, b] = await exchange.call();
    await exchange.run(1_000);
    const rendering = exchange.interpreters.last;
    rendering.speaks(0, sine(440, 200, 8_000));
    rendering.ends(0);
    rendering.says({ type: 'noted', what: 'failover', count: 2 });
    rendering.says({ type: 'noted', what: 'mt-characters', count: 34 });
    rendering.says({ type: 'noted', what: 'tts-characters', count: 31 });
    await exchange.run(1_000);
    rendering.ends(1, { outcome: 'failed' });
    await exchange.run(1_000);
    assert.deepEqual(exchange.logged(ENDED), []);
    b.end('peer-closed');
    await exchange.run(40);
    const [line, ...more] = exchange.logged(ENDED);
    assert.deepEqual(more, []);
    assert.ok(line !== undefined);
    const { durationS, delayP50Ms, delayP95Ms, firstSoundP50Ms, firstSoundP95Ms, ...rest } = line;
    assert.deepEqual(rest, {
      call: 'call',
      parties: 2,
      languages: ['en', 'es'],
      utterances: { spoken: 1, failed: 1 },
      segments: 1,
      talkOverS: 0,
      deadAirS: 0,
      interruptions: 0,
      failovers: 2,
      streamsReplaced: 0,
      uninterpreted: 0,
      speechS: 0,
      mtCharacters: 34,
      ttsCharacters: 31,
      framesMissing: 0,
      reason: 'peer-closed',
      by: 'b',
      level: 'info',
      message: ENDED,
    });
    assert.equal(durationS, 3);
    const report = exchange.events.find((event) => event.type === 'utterance')?.report;
    assert.ok(report?.stages.endToEndMs !== undefined);
    const delayMs = Math.round(report.stages.endToEndMs);
    assert.deepEqual([delayP50Ms, delayP95Ms], [delayMs, delayMs]);
    assert.equal(firstSoundP50Ms, Math.round(report.startOffsetMs ?? Number.NaN));
    assert.equal(firstSoundP95Ms, firstSoundP50Ms);
  });

  it('says what was lost, and that it was we who ended it', async (t) => {
    const exchange = new ScriptedExchange(t);
    const [a] = await exchange.call();
    await exchange.run(100);
    // The second death within a second is the one after which nothing is made for a while.
    exchange.threads.kill();
    await exchange.run(100);
    exchange.threads.kill();
    await exchange.run(400);
    a.counts.socketDropped = 7;
    const missing = exchange.count('framesMissing');
    await exchange.switchboard.close();
    const [line] = exchange.logged(ENDED);
    assert.ok(missing > 0);
    assert.equal(line?.framesMissing, missing);
    assert.ok(JSON.stringify(line?.dropped).includes('"socket":7'), JSON.stringify(line?.dropped));
    assert.deepEqual([line?.reason, line?.by], ['server-closing', undefined]);
  });

  it('never says what was said', async (t) => {
    const exchange = new ScriptedExchange(t);
    const [a] = await exchange.call();
    exchange.interpreters.last.ends(0);
    await exchange.run(100);
    a.end('peer-closed');
    await exchange.run(40);
    assert.equal(exchange.logged(ENDED).length, 1);
    assert.doesNotMatch(JSON.stringify(exchange.log.lines), /said|rendered/);
  });
});

/** Of parties that counted nothing. */
const NOTHING = new CountSums();

describe('CallSummary', () => {
  const report = (delayMs: number | undefined): CallEvent => {
    const spoken: UtteranceReport = {
      party: 'a',
      utterance: 0,
      outcome: 'spoken',
      source: { language: 'en', piiText: '', startMs: 0, endMs: 0 },
      target: { language: 'es', piiText: '' },
      segments: 2,
      stages: delayMs === undefined ? {} : { endToEndMs: delayMs },
    };
    return { type: 'utterance', atMs: 0, report: spoken };
  };

  it('tells the delay that half of the utterances, and 95 in a hundred, do not exceed', () => {
    const summary = new CallSummary();
    for (let delayMs = 100; delayMs > 0; delayMs -= 1) {
      summary.hear(report(delayMs));
    }
    const { delayP50Ms, delayP95Ms, segments } = summary.fields(0, NOTHING);
    assert.deepEqual([delayP50Ms, delayP95Ms, segments], [50, 95, 200]);
  });

  it('keeps the latest thousand, and tells no delay where nothing was heard', () => {
    const summary = new CallSummary();
    summary.hear(report(undefined));
    assert.ok(!('delayP50Ms' in summary.fields(0, NOTHING)));
    summary.hear(report(1_000_000));
    for (let count = 0; count < 1_000; count += 1) {
      summary.hear(report(7));
    }
    assert.equal(summary.fields(0, NOTHING).delayP95Ms, 7);
    for (let count = 0; count < 1_000; count += 1) {
      summary.hear(report(count < 51 ? 9 : 8));
    }
    assert.equal(summary.fields(0, NOTHING).delayP95Ms, 9);
  });

  it('tells for how long people spoke at once, nobody was heard, and how much speech there was', () => {
    const summary = new CallSummary();
    const says = (party: string, utterance: number, startMs: number, endMs: number, heard = {}): void => {
      for (const language of ['es', 'fr']) {
        const spoken = report(undefined);
        assert.ok(spoken.type === 'utterance');
        const source = { language: 'en', piiText: '', startMs, endMs };
        const target = { language, piiText: '', ...heard };
        summary.hear({ ...spoken, report: { ...spoken.report, party, utterance, source, target } });
      }
    };
    says('a', 0, 0, 2_000, { startMs: 2_500, endMs: 4_000 });
    says('b', 0, 1_500, 2_500);
    says('a', 1, 12_000, 13_000);
    const { talkOverS, deadAirS, speechS } = summary.fields(0, NOTHING);
    assert.deepEqual([talkOverS, deadAirS, speechS], [0.5, 8, 4]);
  });

  it('adds up what streams were replaced and what was heard as it is, for whatever reason', () => {
    const [streamsReplaced, uninterpreted, lettingThrough] = [new Tally<string>(), new Tally(), new Tally()];
    streamsReplaced.add('engine-died', 2);
    streamsReplaced.add('engine-timeout');
    uninterpreted.add('no-interpreter', 3);
    lettingThrough.add('behind');
    const counts = { streamsReplaced, uninterpreted, lettingThrough };
    const fields = new CallSummary().fields(0, new CountSums().add({ counts }));
    assert.deepEqual([fields.streamsReplaced, fields.uninterpreted], [3, 4]);
  });

  it('gives the first reason', () => {
    const summary = new CallSummary();
    summary.ends('peer-closed', 'a');
    summary.ends('partner-left', 'b');
    const { reason, by } = summary.fields(0, NOTHING);
    assert.deepEqual([reason, by], ['peer-closed', 'a']);
  });
});
