/** What is kept of calls that a whole switchboard carries: records, transcripts, summaries, and what is taken off again. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, rmdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { systemClock } from '../../../src/base/clock.ts';
import type { Log } from '../../../src/base/log.ts';
import { Secret } from '../../../src/base/secret.ts';
import type { CallDetail } from '../../../src/call/detail/call-detail.ts';
import { parseRedaction, Redaction } from '../../../src/call/transcript/redaction.ts';
import { SummaryEngine } from '../../../src/engines/summary/summary-engine.ts';
import { callFolder } from '../../../src/server/recording/call-folder.ts';
import { CallRecords, type RecordSettings } from '../../../src/server/records/call-records.ts';
import { sine } from '../../asterisk/audio.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { type ExchangeOptions, KeptLog, ScriptedExchange } from '../../call/scripted-legs.ts';
import { ChatServer } from '../../stand-ins/chat-server.ts';
import { eventually, within } from '../../support/waiting.ts';
import { callOf } from '../http/fake-server-view.ts';
import { startRecorder } from './details.ts';

const LIMIT_MS = 30_000;

const SETTINGS: Omit<RecordSettings, 'directory'> = {
  ...{ recordingsDirectory: undefined, numbers: false, transcripts: true },
  ...{ redaction: new Redaction([]), prices: { currency: 'EUR', prices: new Map([['acme', 25]]) } },
  ...{ keepRecordsDays: undefined, keepTranscriptsDays: undefined },
  ...{ databaseUrl: undefined, summaryEngine: undefined },
};

async function open(
  test: TestContext,
  settings: Partial<RecordSettings> = {},
  options: ExchangeOptions & { readonly log?: Log } = {},
) {
  const { directory, recorder } = await startRecorder(test, options.clock);
  const exchange = new ScriptedExchange(test, options);
  const { switchboard, clock } = exchange;
  const log = new KeptLog();
  const records = new CallRecords({ ...SETTINGS, directory, ...settings }, { recorder, clock, log });
  test.after(() => records.close());
  records.follow({
    watch: (...rest) => switchboard.watch(...rest),
    watchEnds: (...rest) => switchboard.watchEnds(...rest),
    call: (id) => {
      const call = switchboard.calls.get(id);
      return call && { ...callOf(id), shownId: call.shownId, startedAt: call.startedAt };
    },
  });
  const listed = async (): Promise<readonly CallDetail[]> => {
    const found: CallDetail[] = [];
    for await (const { detail } of records.latest()) {
      found.push(detail);
    }
    return found;
  };
  /** Its record, once that is on the disk. */
  const kept = async (): Promise<CallDetail> => {
    await records.close();
    const [detail, ...more] = await listed();
    assert.ok(detail !== undefined && more.length === 0);
    return detail;
  };
  return { directory, exchange, recorder, records, log, listed, kept };
}

/** The same with a recorder on the same clock, which stands still as its disk may. */
async function openStill(test: TestContext) {
  let pid: number | undefined;
  test.after(() => {
    if (pid !== undefined) {
      process.kill(pid, 'SIGKILL');
    }
  });
  const clock = new FakeClock();
  const opened = await open(test, {}, { clock });
  const { processId = 0 } = opened.recorder;
  process.kill(processId, 'SIGSTOP');
  pid = processId;
  /** It is gone, or goes on. */
  const released = (): void => {
    pid = undefined;
  };
  return { ...opened, clock, processId, released };
}

/** A call in which something is said and rendered, and that is over. */
async function hold(exchange: ScriptedExchange, said = 'It is 1,234 euros.', rendered = 'Son 1.234 euros.') {
  const [a] = await exchange.call();
  await exchange.run(200);
  const rendering = exchange.interpreters.last;
  rendering.says({ type: 'heard', utterance: 0, text: said, final: true });
  rendering.says({ type: 'charged', charge: { component: 'mt', engine: 'acme', amount: 40_000 } });
  rendering.speaks(0, sine(440, 200, 8_000), rendered);
  rendering.ends(0, { source: { language: 'en', text: said }, target: { language: 'es', text: rendered } });
  await exchange.run(600);
  a.end('peer-hangup');
  await exchange.run(40);
}

describe('what is kept of a call', () => {
  it('is a record, and captions in each language, without who they are', async (t) => {
    const { directory, exchange, records, kept } = await open(t);
    await hold(exchange);
    const detail = await kept();
    assert.deepEqual(detail.transcripts, ['en', 'es']);
    assert.deepEqual(detail.cost, { currency: 'EUR', amount: 1, unpriced: [] });
    assert.equal(detail.directions[0]?.numbersLost, 0);
    assert.doesNotMatch(JSON.stringify(detail), /pii|euros/);
    const [year = '', month = '', day = ''] = detail.startedAt.slice(0, 10).split('-');
    const [folder = ''] = await readdir(join(directory, year, month, day));
    const files = await readdir(join(directory, year, month, day, folder));
    assert.deepEqual(files.sort(), [
      ...['captions.en.srt', 'captions.en.vtt', 'captions.es.srt', 'captions.es.vtt'],
      ...['transcript.json', 'transcript.txt'],
    ]);
    const vtt = await readFile(join(directory, year, month, day, folder, 'captions.es.vtt'), 'utf8');
    assert.match(vtt, /<v caller>Son <c\.number>1\.234<\/c> euros\.<\/v>/);
    const transcript = await records.transcript(detail);
    assert.equal(transcript?.lines[0]?.text, 'It is 1,234 euros.');
  });

  it('is lost where the disk refuses it, which is said, though its captions take longer than that', async (t) => {
    const { directory, exchange, records, log, listed } = await open(t);
    const [today = ''] = exchange.clock.wallTime().toISOString().split('T');
    // No line can be added to a folder.
    await mkdir(join(directory, `calls-${today}.jsonl`));
    await hold(exchange);
    await records.close();
    assert.equal(
      log.lines.filter(({ message }) => message === 'the record of a call cannot be written: it is lost')
        .length,
      1,
    );
    assert.equal(existsSync(join(directory, today.replaceAll('-', '/'))), true);
    await assert.rejects(listed());
  });

  it('has who they were where that is asked for, and nothing that is to be taken out', async (t) => {
    const { exchange, records, kept } = await open(t, {
      numbers: true,
      redaction: new Redaction([parseRedaction('digits')]),
    });
    await hold(exchange);
    const detail = await kept();
    assert.deepEqual(
      detail.parties.map(({ piiName }) => piiName),
      ['caller', 'callee'],
    );
    const transcript = await records.transcript(detail);
    assert.doesNotMatch(
      JSON.stringify(transcript?.lines.map(({ text, translations }) => [text, translations[0]?.text])),
      /234/,
    );
  });

  it('tells of a translation that says another number', async (t) => {
    const { exchange, kept } = await open(t);
    await hold(exchange, 'We are 15 people.', 'Somos 50 personas.');
    assert.equal((await kept()).directions[0]?.numbersLost, 1);
  });

  it('is no word of what was said without transcripts', async (t) => {
    const { directory, exchange, records, kept } = await open(t, { transcripts: false });
    await hold(exchange);
    const detail = await kept();
    assert.equal(detail.transcripts, undefined);
    assert.equal(await records.transcript(detail), undefined);
    assert.equal((await readdir(directory)).length, 1);
  });

  it('is lost where nothing can be written, which is counted and told, and the call goes on', async (t) => {
    const { directory, exchange, records, log } = await open(t);
    await writeFile(join(directory, 'file'), '');
    const broken = new CallRecords(
      { ...SETTINGS, directory: join(directory, 'file', 'below') },
      { recorder: (await startRecorder(t)).recorder, clock: exchange.clock, log },
    );
    broken.follow({
      watch: (...rest) => exchange.switchboard.watch(...rest),
      watchEnds: (...rest) => exchange.switchboard.watchEnds(...rest),
      call: (id) => callOf(id),
    });
    await hold(exchange);
    await broken.close();
    assert.deepEqual(broken.health, { state: 'DEGRADED', lost: 2, held: 0 });
    assert.ok(log.lines.some(({ message }) => message.startsWith('the record of a call cannot be written')));
    await records.close();
    assert.deepEqual(records.health, { state: 'HEALTHY', lost: 0, held: 0 });
  });

  it('is lost where the disk stands still at the end, for which nobody waits longer than its limits', async (t) => {
    const { exchange, log, clock, recorder, records, released } = await openStill(t);
    let [closed, ended] = [false, false];
    await hold(exchange);
    assert.notEqual(recorder.owedSinceMs, undefined);
    const closing = records.close().then(() => {
      closed = true;
    });
    await clock.advance(3_999);
    assert.equal(closed, false);
    await clock.advance(1);
    assert.equal(closed, true);
    await closing;
    assert.deepEqual(
      log.lines.map(({ level, part }) => [level, part]),
      [['warn', 'records']],
    );
    const ending = recorder.close().then(() => {
      ended = true;
    });
    await clock.advance(5_000);
    await eventually('the recorder is killed', LIMIT_MS, () => ended);
    await ending;
    released();
    await eventually('all is told', LIMIT_MS, () => records.health.lost === 2);
    await records.close();
  });

  it('is waited for at the end as long as the disk answers', async (t) => {
    const { directory, exchange, log, clock, records, processId, released } = await openStill(t);
    await hold(exchange);
    const closing = records.close();
    await clock.advance(3_000);
    process.kill(processId, 'SIGCONT');
    released();
    await within('the end', LIMIT_MS, closing);
    assert.deepEqual(log.lines, []);
    assert.equal(records.health.lost, 0);
    assert.ok((await readdir(directory)).some((name) => name.endsWith('.jsonl')));
  });

  it('is held while the disk refuses it, and written once it does not', async (t) => {
    const { directory, exchange, records, log, listed } = await open(t);
    const day = exchange.clock.wallTime().toISOString().slice(0, 10);
    const [year = ''] = day.split('-');
    // No line can be added to a folder, and no folder be made below a file.
    await mkdir(join(directory, `calls-${day}.jsonl`));
    await writeFile(join(directory, year), '');
    await hold(exchange);
    const held = (count: number) =>
      eventually(`${count} are held`, LIMIT_MS, () => records.health.held === count || undefined);
    await held(2);
    assert.deepEqual(records.health, { state: 'DEGRADED', lost: 0, held: 2 });
    await rmdir(join(directory, `calls-${day}.jsonl`));
    await exchange.clock.advance(1_000);
    await held(1);
    const [detail] = await listed();
    assert.ok(detail !== undefined);
    await rm(join(directory, year));
    await exchange.clock.advance(2_000);
    await held(0);
    assert.equal((await records.transcript(detail))?.lines[0]?.text, 'It is 1,234 euros.');
    assert.deepEqual(records.health, { state: 'HEALTHY', lost: 0, held: 0 });
    assert.deepEqual(
      log.lines.map(({ level, message, held: count }) => [level, message, count]),
      [
        ['warn', 'what is kept of calls cannot be written: it is held, and tried again', 1],
        ['info', 'what is kept of calls can be written again', undefined],
      ],
    );
  });

  it('is no file of a call that is removed before all of it is written', async (t) => {
    const { directory, exchange, records, listed } = await open(t);
    const [year = ''] = exchange.clock.wallTime().toISOString().split('-');
    await writeFile(join(directory, year), '');
    await hold(exchange);
    await eventually('its transcript is held', LIMIT_MS, () => records.health.held === 1 || undefined);
    const detail = await eventually('its record is written', LIMIT_MS, async () => (await listed())[0]);
    await rm(join(directory, year));
    assert.deepEqual(await records.remove(detail), { records: 1, files: 0 });
    await exchange.clock.advance(60_000);
    await records.close();
    assert.deepEqual(await readdir(directory), [`calls-${detail.endedAt.slice(0, 10)}.jsonl`]);
    assert.deepEqual(records.health, { state: 'HEALTHY', lost: 0, held: 0 });
  });

  it('is nothing of a call that is removed while the disk refuses its record, alone or with its day', async (t) => {
    for (const how of ['alone', 'with its day'] as const) {
      const { directory, exchange, records, log } = await open(t);
      const day = exchange.clock.wallTime().toISOString().slice(0, 10);
      const away = join(directory, 'away');
      await symlink(join(away, 'calls'), join(directory, `calls-${day}.jsonl`));
      const ended: CallDetail[] = [];
      exchange.switchboard.watchEnds((detail) => ended.push(detail), AbortSignal.timeout(LIMIT_MS));
      await hold(exchange);
      await eventually('its record is held', LIMIT_MS, () => records.health.held === 1 || undefined);
      const [{ call } = { call: '' }] = ended;
      const folder = join(directory, day.replaceAll('-', '/'));
      await eventually('its transcript is there', LIMIT_MS, () => existsSync(folder) || undefined);
      assert.equal(await records.find(call), undefined);
      if (how === 'alone') {
        const detail = await records.findToRemove(call);
        assert.ok(detail !== undefined);
        assert.deepEqual(await records.remove(detail), { records: 0, files: 1 });
      } else {
        await records.removeBefore('9999-12-31');
      }
      assert.equal(await records.findToRemove(call), undefined);
      await mkdir(away);
      await exchange.clock.advance(60_000);
      await records.close();
      assert.deepEqual([existsSync(folder), await readdir(away)], [false, []]);
      assert.deepEqual(
        log.lines.map(({ message }) => message),
        ['what is kept of calls cannot be written: it is held, and tried again'],
      );
    }
  });

  it('is gone with all its files when it is removed', async (t) => {
    const { directory, exchange, records, listed, kept } = await open(t);
    await hold(exchange);
    const detail = await kept();
    assert.deepEqual(await records.remove(detail), { records: 1, files: 1 });
    assert.deepEqual(await listed(), []);
    assert.equal(await records.find(detail.call), undefined);
    assert.deepEqual(await readdir(directory), [`calls-${detail.endedAt.slice(0, 10)}.jsonl`]);
    const file = await readFile(join(directory, `calls-${detail.endedAt.slice(0, 10)}.jsonl`), 'utf8');
    assert.match(file, /^ +\n$/);
  });

  it('is gone with the recordings of all its parts, and with no other', async (t) => {
    const { directory } = await startRecorder(t);
    const { exchange, records, kept } = await open(t, { recordingsDirectory: directory });
    await hold(exchange);
    const detail = await kept();
    const started = new Date(detail.startedAt);
    const own = callFolder(directory, started, detail.call);
    // It went on at this node after it had begun at another one.
    const later = callFolder(directory, new Date(started.getTime() + 1_000), detail.call);
    const other = callFolder(directory, started, `x-${detail.call}`);
    for (const folder of [own, later, other]) {
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'stereo.wav'), 'sound');
    }
    assert.deepEqual(await records.remove(detail), { records: 1, files: 1 });
    assert.deepEqual([own, later, other].map(existsSync), [false, false, true]);
  });

  it('is gone when it has been kept for long enough, transcripts before records', async (t) => {
    const { directory, exchange, recorder, log, listed, kept } = await open(t);
    await hold(exchange);
    const detail = await kept();
    const folder = join(directory, detail.startedAt.slice(0, 4));
    /** As a service that is started so many days later. */
    const later = async (days: number): Promise<CallRecords> => {
      await exchange.clock.advance(days * 86_400_000);
      return new CallRecords(
        { ...SETTINGS, directory, keepRecordsDays: 5, keepTranscriptsDays: 2 },
        { recorder, clock: exchange.clock, log },
      );
    };
    const first = await later(3);
    // What is under way at the end is not waited for, nor told.
    const line = await eventually('the transcript is gone', LIMIT_MS, () =>
      log.lines.find(({ what }) => what === 'transcripts'),
    );
    assert.deepEqual([line.calls, line.days, existsSync(folder)], [1, 2, false]);
    await first.close();
    assert.equal((await listed()).length, 1);
    const second = await later(3);
    // A wall clock that is days ahead of the one before is believed after a day.
    await eventually('the record is gone', LIMIT_MS, async () => {
      await exchange.clock.advance(86_400_000);
      return (await listed()).length === 0;
    });
    await second.close();
  });
});

describe('summaries', () => {
  it('are in each language of the call, of the transcript without what was taken out', async (t) => {
    const chat = await ChatServer.open(t);
    chat.answer = ({ messages }) =>
      messages[0]?.content.includes('Spanish (es)') ? 'Un precio.' : 'A price.';
    const { exchange, records, listed } = await open(t, {
      redaction: new Redaction([parseRedaction('digits')]),
      summaryEngine: new SummaryEngine({
        ...{ url: chat.url, model: 'small', apiKey: new Secret('a-key'), clock: systemClock },
      }),
    });
    await hold(exchange);
    const summary = await eventually('the call is summed up', LIMIT_MS, async () => {
      const [detail] = await listed();
      return detail === undefined ? undefined : await records.summary(detail);
    });
    assert.deepEqual(summary.summaries, { en: 'A price.', es: 'Un precio.' });
    assert.equal(summary.model, 'small');
    assert.deepEqual(new Set(chat.keys), new Set(['Bearer a-key']));
    assert.match(chat.asked[0]?.messages[1]?.content ?? '', /It is \[…\] euros/);
  });

  it('are made of no call that is removed, whether it waits for that or is being summed up', async (t) => {
    for (const how of ['alone', 'with its day'] as const) {
      const chat = await ChatServer.open(t);
      let answer = (): void => {};
      chat.readyToAnswer = new Promise<void>((resolve) => {
        answer = resolve;
      });
      const { directory, exchange, records, log, listed } = await open(t, {
        summaryEngine: new SummaryEngine({ url: chat.url, clock: systemClock }),
      });
      let kept = 0;
      records.onKept(() => {
        kept += 1;
      });
      for (const [index, said] of ['The first.', 'The second.', 'The third.'].entries()) {
        await hold(exchange, said, said);
        await eventually(
          'it is kept, and the first is being summed up',
          LIMIT_MS,
          () => kept === index + 1 && chat.asked.length === 1,
        );
      }
      const [first, second] = (await listed()).toReversed();
      assert.ok(first !== undefined && second !== undefined);
      if (how === 'alone') {
        assert.deepEqual(await records.remove(second), { records: 1, files: 1 });
        assert.deepEqual(await records.remove(first), { records: 1, files: 1 });
        await eventually('the third is being summed up', LIMIT_MS, () => chat.asked.length === 2);
      } else {
        await records.removeBefore('9999-12-31');
      }
      answer();
      await hold(exchange, 'The fourth.', 'The fourth.');
      const left = how === 'alone' ? ['third', 'fourth'] : ['fourth'];
      await eventually('the rest is summed up', LIMIT_MS, async () => {
        const files = await readdir(directory, { recursive: true });
        return files.filter((name) => name.endsWith('summary.json')).length === left.length;
      });
      await records.close();
      const asked = chat.asked.map(({ messages }) => /The (\w+)\./.exec(messages[1]?.content ?? '')?.[1]);
      assert.deepEqual([...new Set(asked)], ['first', ...left]);
      assert.deepEqual(log.lines, []);
    }
  });

  it('say clearly why there are none', async (t) => {
    const chat = await ChatServer.open(t);
    chat.refusals.push(401);
    const { exchange, log } = await open(t, {
      summaryEngine: new SummaryEngine({ url: chat.url, clock: systemClock }),
    });
    await hold(exchange);
    const line = await eventually('the log says why', LIMIT_MS, () =>
      log.lines.find(({ message }) => message.startsWith('a call has no summary')),
    );
    assert.match(String(line.reason), /summary: .* refuses the key, or wants one.*SUMMARY_API_KEY/);
    assert.equal(chat.asked.length, 1);
  });
});
