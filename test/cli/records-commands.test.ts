/** `dragoman records` and `dragoman quality`, against the API they ask, in front of calls that were kept. */

import assert from 'node:assert/strict';
import { afterEach, describe, it, type TestContext } from 'node:test';
import type { CallDetail } from '../../src/call/detail/call-detail.ts';
import { SUPPORTED } from '../../src/engines/support.ts';
import { SHOWN_RECORD } from '../../src/server/http/api/record-routes.ts';
import { closeHttp, startHttp } from '../server/http/start-http.ts';
import { detailOf, keepDetails, transcriptOf } from '../server/records/details.ts';
import { LibretranslateStandIn } from '../stand-ins/libretranslate.ts';
import { runWords } from './run-words.ts';

afterEach(closeHttp);

async function start(test: TestContext, ...details: readonly CallDetail[]) {
  const { records, said } = await keepDetails(test, details);
  const started = await startHttp({}, { records });
  const http = ['--http', `127.0.0.1:${started.server.address.port}`];
  const run = (words: string) => runWords([...words.split(' '), ...http]);
  return { ...started, said, run, http };
}

describe('dragoman records', () => {
  it('lists the latest first, a line for each', async (t) => {
    const { run } = await start(
      t,
      detailOf('0011223344556677'),
      detailOf('8899aabbccddeeff', {
        transcripts: ['en'],
        cost: { currency: 'EUR', amount: 0.5, unpriced: [] },
      }),
    );
    const [head, first, second, ...more] = (await run('records list')).out.trimEnd().split('\n');
    assert.match(head ?? '', /^CALL +ENDED \(UTC\) +FOR +LANGUAGES +SAID +DELAY +ENDED BY +COST +KEPT$/);
    assert.match(
      first ?? '',
      /^8899aabbccddeeff +2026-11-29 10:02:00 +2:00 +en,es +5 +0\.5 s +a: peer-hangup +0\.50 EUR +transcript$/,
    );
    assert.match(second ?? '', /^0011223344556677 /);
    assert.deepEqual(more, []);
    assert.equal((await run('records list --limit 1')).out.trimEnd().split('\n').length, 2);
    assert.equal((await run('records list --until 2026-11-28')).out, 'no records\n');
  });

  it('shows one, and what was said in it', async (t) => {
    const { said, run } = await start(t, detailOf('1'), detailOf('2'));
    await said(transcriptOf('2'));
    const text = (await run('records show 2')).out;
    assert.match(text, /^call 2, pair/);
    assert.match(text, /en to es: 4 spoken, 1 failed, 40 words; delay 0\.5 s, at most 0\.9 s in 95 of 100/);
    assert.equal(SHOWN_RECORD.parse(JSON.parse((await run('records show 2 --as json')).out)).call, '2');
    assert.match(
      (await run('records show 2 --as vtt --language es')).out,
      /^WEBVTT[\s\S]*<v Ana>Hola\.<\/v>/,
    );
    assert.match((await run('records show 2 --as txt')).out, /Hello\. +\| ~ Hola\./);
    const { status, error } = await run('records show 1 --as srt');
    assert.deepEqual([status, /was not kept/.test(error)], [1, true]);
  });

  it("exports JSON, and CSV in the order of Asterisk's columns", async (t) => {
    const { answeredAt: _, ...unanswered } = detailOf('1');
    const named = detailOf('2', { linkedid: '17.1' });
    const parties = named.parties.map((party, index) =>
      index === 0 ? { ...party, piiName: '=SUM("Ana", 1)' } : party,
    );
    // A minus and a digit begin a formula as well.
    const written = unanswered.parties.map((party) => ({ ...party, piiName: "-1+cmd|' /C calc'!A1" }));
    const { run } = await start(t, { ...unanswered, parties: written }, { ...named, parties });
    const lines = (await run('records export')).out.trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).call),
      ['2', '1'],
    );
    const [head = '', first = '', second = ''] = (await run('records export --csv')).out
      .trimEnd()
      .split('\n');
    assert.ok(
      head.startsWith(
        'clid,src,dst,dcontext,channel,dstchannel,lastapp,lastdata,start,answer,end,duration,billsec,disposition,amaflags,' +
          'accountcode,uniqueid,userfield,sequence,linkedid,peeraccount,languages',
      ),
    );
    assert.ok(
      first.startsWith(
        '"\'=SUM(""Ana"", 1)",,,,dragoman/2-a,dragoman/2-b,audiosocket,audiosocket 127.0.0.1:5050,2026-11-29 10:00:00,' +
          '2026-11-29 10:00:01,2026-11-29 10:02:00,120,119,ANSWERED,DOCUMENTATION,,2,own-2,,17.1,,en es,',
      ),
      first,
    );
    assert.match(second, /,,2026-11-29 10:02:00,120,0,NO ANSWER,/);
    assert.match(second, /^'-1\+cmd\|' \/C calc'!A1,/);
    assert.equal(second.split(',').length, head.split(',').length);
  });

  it('removes one, or all before a day, and asks which', async (t) => {
    const old = { startedAt: '2026-11-01T10:00:00.000Z', endedAt: '2026-11-01T10:02:00.000Z' };
    const { said, run } = await start(t, detailOf('1', old), detailOf('2'), detailOf('3'));
    await said(transcriptOf('2'));
    assert.deepEqual(await run('records remove 2'), {
      status: 0,
      out: 'removed: 1 record, its files\n',
      error: '',
    });
    assert.equal((await run('records remove 2')).status, 1);
    assert.match((await run('records purge --before 2026-11-29')).out, /^removed: the records of 1 days/);
    assert.match((await run('records list')).out, /\n3 [^\n]*\n$/);
    for (const words of ['records remove', 'records purge', 'records burn', 'records list --limit few']) {
      assert.equal((await run(words)).status, 2, words);
    }
  });
});

describe('dragoman quality', () => {
  const slow = detailOf('2', {
    engines: [
      { component: 'tts', engine: 'xtts', from: 'en', to: 'es', characters: 9 },
      { component: 'stt', engine: 'vosk', from: 'en', speechMs: 4_000 },
    ],
    directions: detailOf('2').directions.map((direction) => ({
      ...direction,
      delay: { p50Ms: 2_000, p95Ms: 4_000, maxMs: 5_000 },
    })),
  });

  it('tells of each direction by the engines that served it', async (t) => {
    const { run } = await start(t, detailOf('1'), slow, detailOf('3'));
    const [talk, , head, ...rows] = (await run('quality')).out.trimEnd().split('\n');
    assert.match(talk ?? '', /^3 calls, 6 minutes; nobody heard 5\.0 % of the time, two at once 0\.8 %/);
    assert.match(
      head ?? '',
      /^DIRECTION +ENGINES +CALLS +SAID +DELAY +95 % +WORST +FAILED +NUMBERS +CHANGED +REPAIRED/,
    );
    assert.deepEqual(
      rows.map((row) => row.split(/ {2,}/)),
      [
        ['en > es', 'deepl', '2', '10', '0.5 s', '0.9 s', '0.9 s', '20.0 %', '20.0 %', '5.0', '2', '4'],
        ['en > es', 'vosk xtts', '1', '5', '2.0 s', '4.0 s', '4.0 s', '20.0 %', '20.0 %', '5.0', '1', '2'],
      ],
    );
    const { status, error } = await run('quality --from 2026-12-01');
    assert.deepEqual([status, /there are no records/.test(error)], [1, true]);
  });

  it('translates back with what the service translates with, and shows the worst first', async (t) => {
    const first = detailOf('1', { transcripts: ['en', 'es'] });
    const { said, run, interpreting } = await start(t, first, detailOf('2', { transcripts: ['en', 'es'] }));
    await said(transcriptOf('1', 'Please take it twice a day.', 'Tómelo dos veces al día.'));
    await said(transcriptOf('2', 'The weather is fine today.', 'El perro come queso hoy.'));
    const back = new Map([
      ['Tómelo dos veces al día.', 'Please take it twice a day.'],
      ['El perro come queso hoy.', 'The dog eats cheese today.'],
    ]);
    interpreting.translators.set('es:en', {
      name: 'acme',
      supports: async () => SUPPORTED,
      translate: async ({ text }) => back.get(text) ?? '',
      close: async () => {},
    });
    const { out } = await run('quality --back-translate 10');
    assert.match(out, /a warning light and no mark/);
    assert.match(out, /en > es +2 +\d+ +\d+\n/);
    const shown = [...out.matchAll(/^(\d+) {2}call (\d)$/gm)].map(([, chrf, call]) => [call, Number(chrf)]);
    assert.deepEqual([shown[0]?.[0], shown[1]], ['2', ['1', 100]]);
    assert.ok(Number(shown[0]?.[1]) < 60, String(shown));
  });

  it('tells the rest though nothing translates a direction back, and a transcript is not kept any more', async (t) => {
    const both = { transcripts: ['en', 'es'] };
    const { said, run, interpreting } = await start(t, detailOf('1', both), detailOf('2', both));
    const words = 'quality --back-translate 10';
    await said(transcriptOf('1', 'Please take it twice a day.', 'Tómelo dos veces al día.'));
    const nobody = await run(words);
    assert.equal(nobody.status, 0, nobody.error);
    assert.match(nobody.out, /^en > es +deepl /m);
    assert.match(
      nobody.out,
      /\nen > es is not translated back: nothing here translates es into en at present/,
    );
    const { back, notTranslatedBack } = JSON.parse((await run(`${words} --json`)).out);
    assert.deepEqual([back, notTranslatedBack.length], [[], 1]);
    interpreting.translators.set('es:en', {
      name: 'acme',
      supports: async () => SUPPORTED,
      translate: async () => 'Please take it twice a day.',
      close: async () => {},
    });
    const somebody = await run(words);
    assert.match(somebody.out, /^en > es +1 +100 +100$/m);
    assert.doesNotMatch(somebody.out, /not translated back/);
  });

  it('translates back with another engine, whose key is in the environment', async (t) => {
    const standIn = await LibretranslateStandIn.open();
    t.after(() => standIn.close());
    const { said, http } = await start(t, detailOf('1', { transcripts: ['en', 'es'] }));
    await said(transcriptOf('1', 'Please take it twice a day.', 'Tómelo dos veces al día.'));
    const words = ['quality', '--back-translate', '1', '--mt', 'libretranslate', '--json', ...http];
    const { status, out, error } = await runWords(words, { LIBRETRANSLATE_URL: standIn.url });
    assert.equal(status, 0, error);
    assert.equal(JSON.parse(out).back.length, 1);
    assert.equal((await runWords(words)).status, 2);
  });
});
