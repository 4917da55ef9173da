/** What is kept of calls, over the API: who may read and remove what of it. */

import assert from 'node:assert/strict';
import { chmod, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, it, type TestContext } from 'node:test';
import { systemClock } from '../../../../src/base/clock.ts';
import type { CallDetail } from '../../../../src/call/detail/call-detail.ts';
import type { EndListener } from '../../../../src/call/switchboard.ts';
import { TRANSCRIPT } from '../../../../src/call/transcript/transcript.ts';
import { SummaryEngine } from '../../../../src/engines/summary/summary-engine.ts';
import { RECORD_LIST, REMOVAL, SHOWN_RECORD } from '../../../../src/server/http/api/record-routes.ts';
import { PROBLEM } from '../../../../src/server/http/problem.ts';
import { callFolder } from '../../../../src/server/recording/call-folder.ts';
import { CALL_SUMMARY } from '../../../../src/server/records/summary/summaries.ts';
import { PLAN } from '../../../call/scripted-legs.ts';
import { ChatServer } from '../../../stand-ins/chat-server.ts';
import { detailOf, keepDetails, transcriptOf } from '../../records/details.ts';
import { callOf, heard, joined } from '../fake-server-view.ts';
import { answer, closeHttp, startHttp } from '../start-http.ts';

afterEach(closeHttp);

const TOKENS = {
  read: 'token-for-reading-only',
  control: 'token-for-controlling',
  captions: 'token-for-reading-all',
};

async function start(test: TestContext, { chat, list }: { chat?: ChatServer; list: readonly CallDetail[] }) {
  const engine = chat && new SummaryEngine({ url: chat.url, clock: systemClock });
  const { directory, recorder, records, said } = await keepDetails(test, list, engine);
  const tokenFile = join(directory, 'tokens');
  await writeFile(
    tokenFile,
    `a ${TOKENS.read} read\nb ${TOKENS.control} control\nc ${TOKENS.captions} read,captions\n`,
  );
  await chmod(tokenFile, 0o600);
  const started = await startHttp({ tokenFile }, { records });
  const ask = (token: keyof typeof TOKENS, path: string, method = 'GET') =>
    answer(started.url(`/api/v1${path}`), { method, headers: { authorization: `Bearer ${TOKENS[token]}` } });
  const text = async (path: string) => {
    const response = await fetch(started.url(`/api/v1${path}`), {
      headers: { authorization: `Bearer ${TOKENS.captions}` },
    });
    return { type: response.headers.get('content-type'), text: await response.text() };
  };
  return { ...started, directory, recorder, records, said, ask, text };
}

function named(call: string): CallDetail {
  const detail = detailOf(call);
  return { ...detail, parties: detail.parties.map((party) => ({ ...party, piiName: 'Ana' })) };
}

describe('GET /api/v1/records', () => {
  it('lists the latest first, page by page, without names for who may not know what was said', async (t) => {
    const { ask } = await start(t, { list: [named('1'), named('2'), named('3')] });
    const first = RECORD_LIST.parse((await ask('read', '/records?limit=2')).body);
    assert.deepEqual(
      first.records.map(({ call }) => call),
      ['3', '2'],
    );
    const second = RECORD_LIST.parse((await ask('read', `/records?limit=2&after=${first.next}`)).body);
    assert.deepEqual([second.records.map(({ call }) => call), second.next], [['1'], undefined]);
    assert.doesNotMatch(JSON.stringify(first), /Ana|own-/);
    const whole = SHOWN_RECORD.parse((await ask('captions', '/records/2')).body);
    assert.deepEqual([whole.parties[0]?.piiName, whole.callId], ['Ana', undefined]);
    assert.equal(SHOWN_RECORD.parse((await ask('control', '/records/2')).body).callId, 'own-2');
    const none = RECORD_LIST.parse((await ask('read', '/records?from=2026-11-30')).body);
    assert.deepEqual(none.records, []);
  });

  it('says that nothing can be read now where the recorder has ended', async (t) => {
    const { ask, recorder } = await start(t, { list: [named('1')] });
    await recorder.close();
    for (const path of ['/records', '/records/1', '/records/1/transcript']) {
      const { status, body } = await ask('captions', path);
      assert.deepEqual([status, PROBLEM.parse(body).code], [503, 'records-out-of-reach'], path);
    }
  });

  it('says what is not kept', async (t) => {
    const { ask, url } = await start(t, { list: [] });
    const { status, body } = await ask('read', '/records/9');
    assert.deepEqual([status, PROBLEM.parse(body).code], [404, 'no-such-record']);
    const report = await answer(url('/health/report'));
    assert.deepEqual(Object(report.body).records, { state: 'HEALTHY', lost: 0, held: 0 });
    const without = await startHttp();
    const answered = await answer(without.url('/api/v1/records'));
    assert.equal(PROBLEM.parse(answered.body).code, 'no-records');
    assert.match(PROBLEM.parse(answered.body).detail, /--records DIRECTORY/);
  });
});

describe('the transcript of a call', () => {
  it('is had in each form, by who may know what was said', async (t) => {
    const { said, ask, text } = await start(t, { list: [detailOf('2'), detailOf('3')] });
    await said(transcriptOf('2'));
    assert.deepEqual((await ask('captions', '/records/2/transcript')).body, transcriptOf('2'));
    const vtt = await text('/records/2/transcript?format=vtt&language=es');
    assert.equal(vtt.type, 'text/vtt; charset=utf-8');
    assert.match(vtt.text, /^WEBVTT\n[\s\S]*<v Ana>Hola\.<\/v>/);
    assert.match((await text('/records/2/transcript?format=srt&language=en')).text, /Ana: Hello\./);
    assert.match((await text('/records/2/transcript?format=txt')).text, /Hello\. +\| ~ Hola\./);
    const codes = await Promise.all(
      (
        [
          ['captions', '/records/2/transcript?format=vtt&language=fr'],
          ['captions', '/records/3/transcript'],
          ['read', '/records/2/transcript'],
          ['captions', '/records/2/summary'],
        ] as const
      ).map(async ([token, path]) => PROBLEM.parse((await ask(token, path)).body).code),
    );
    assert.deepEqual(codes, ['no-such-language', 'no-transcript', 'scope-missing', 'no-summaries']);
  });

  it('is not quoted where it cannot be understood', async (t) => {
    const detail = detailOf('2');
    const { directory, recorder, ask } = await start(t, { list: [detail] });
    const folder = callFolder(directory, new Date(detail.startedAt), detail.call);
    for (const text of ['secret', JSON.stringify({ ...transcriptOf('2'), version: 'secret' })]) {
      await recorder.writeText(folder, 'transcript.json', text);
      const { status, body } = await ask('captions', '/records/2/transcript');
      const { code, detail: told } = PROBLEM.parse(body);
      assert.deepEqual([status, code], [503, 'records-out-of-reach']);
      assert.match(told, /transcript\.json is not what dragoman writes/);
      assert.doesNotMatch(told, /secret/);
    }
  });

  it('is had of a call that runs, and summed up', async (t) => {
    const chat = await ChatServer.open(t);
    const { view, records, ask, text } = await start(t, { chat, list: [] });
    view.running = [callOf('c-1')];
    records.follow({
      watch: (...rest) => view.watch(...rest),
      watchEnds: () => {},
      call: (id) => view.call(id),
    });
    // Nobody is there yet, of whatever language.
    view.fire('c-1', { type: 'recording', atMs: 0, state: 'on' });
    const silent = await ask('captions', '/calls/c-1/transcript');
    assert.deepEqual([silent.status, TRANSCRIPT.parse(silent.body).lines], [200, []]);
    assert.match((await text('/calls/c-1/transcript?format=txt')).text, /^Call /);
    const captions = await ask('captions', '/calls/c-1/transcript?format=vtt');
    assert.deepEqual([captions.status, PROBLEM.parse(captions.body).code], [404, 'no-such-language']);
    view.fire('c-1', joined('a'));
    view.fire('c-1', heard('a', 0, 'good morning', true));
    const { body } = await ask('captions', '/calls/c-1/transcript');
    assert.match(JSON.stringify(body), /"text":"good morning"/);
    const summed = await ask('captions', '/calls/c-1/summary', 'POST');
    assert.deepEqual(CALL_SUMMARY.parse(summed.body).summaries, { en: 'A call.' });
    chat.refusals.push(500, 500);
    const failed = await ask('captions', '/calls/c-1/summary', 'POST');
    assert.deepEqual([failed.status, PROBLEM.parse(failed.body).code], [502, 'summary-failed']);
  });
});

describe('what is removed', () => {
  it('is gone, of one call or of all before a day, and only for who may control', async (t) => {
    const old = { startedAt: '2026-11-01T10:00:00.000Z', endedAt: '2026-11-01T10:02:00.000Z' };
    const { ask } = await start(t, { list: [detailOf('1', old), detailOf('2'), detailOf('3')] });
    for (const path of ['/records/2', '/records?before=2026-11-28']) {
      assert.equal((await ask('captions', path, 'DELETE')).status, 403, path);
    }
    assert.deepEqual(REMOVAL.parse((await ask('control', '/records/2', 'DELETE')).body), {
      records: 1,
      files: 0,
    });
    assert.equal((await ask('control', '/records/2', 'DELETE')).status, 404);
    assert.deepEqual((await ask('control', '/records?before=2026-11-28', 'DELETE')).body, {
      records: 1,
      files: 0,
    });
    const { records } = RECORD_LIST.parse((await ask('read', '/records')).body);
    assert.deepEqual(
      records.map(({ call }) => call),
      ['3'],
    );
  });

  it('is gone before it is written, where the disk refuses it', async (t) => {
    const { directory, view, records, ask } = await start(t, { list: [] });
    await symlink(join(directory, 'away', 'calls'), join(directory, 'calls-2026-11-29.jsonl'));
    let ended: EndListener = () => {};
    records.follow({
      watch: (...rest) => view.watch(...rest),
      watchEnds: (listener) => {
        ended = listener;
      },
      call: (id) => view.call(id),
    });
    ended(detailOf('1'), PLAN);
    assert.equal((await ask('read', '/records/1')).status, 404);
    const { status, body } = await ask('control', '/records/1', 'DELETE');
    assert.deepEqual([status, body], [200, { records: 0, files: 0 }]);
    assert.equal((await ask('control', '/records/1', 'DELETE')).status, 404);
    assert.deepEqual(records.health, { state: 'HEALTHY', lost: 0, held: 0 });
  });
});
