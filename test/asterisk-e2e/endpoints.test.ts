/**
 * Phones that `dragoman endpoints` makes, on a real Asterisk: they come by TLS with what it says, are translated in the
 * languages that they were given, and are gone when it has removed them. One thing after the other: they share a file.
 */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { connect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { systemClock } from '../../src/base/clock.ts';
import type { CallEvent } from '../../src/call/call-events.ts';
import { CallCaptions } from '../../src/client/call-captions.ts';
import { concatPcm } from '../asterisk/audio.ts';
import { VoskStandIn } from '../stand-ins/vosk.ts';
import { freePort } from '../support/ports.ts';
import { eventually } from '../support/waiting.ts';
import { DragomanProcess } from './dragoman-process.ts';
import { Exchange, hearBoth, PARTY_HUNG_UP } from './exchange.ts';
import { Phone } from './phone.ts';
import { findRepository } from './testbed.ts';
import { reportsOf, SAID, saidPcm } from './translated-call.ts';
import { wordHeard } from './word-heard.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const LIMIT_MS = 90_000;
const CALL_LIMIT_MS = 90_000;
/** Time for both to be connected before the first word. */
const LEAD_MS = 1_500;
/** So often the sentences are said: what is said before an interpreter hears it is told by nobody. */
const TIMES = 3;
/** How often a call is made that Asterisk or dragoman keeps from being registered by standing still. */
const MOST_CALLS = 3;
/** What Asterisk says of phones that are none any more, of a dragoman that is killed, of one that would call without encryption, and of any that ARI writes. */
const CALLED_FOR = [
  ...PARTY_HUNG_UP,
  /res_pjsip_registrar\.c: AOR '' not found for endpoint/,
  /res_pjsip_session\.c:\s+ana: Couldn't negotiate stream 0:audio/,
  /res_http_websocket\.c: (Web socket closed abruptly|Error reading from web socket: Connection reset by peer)/,
  /ari_websockets\.c: WebSocket read error/,
  /format_cap\.c: Cannot allow unknown format 'nosuch'/,
  /config_options\.c: Error parsing allow=!all,nosuch/,
  /res_sorcery_config\.c: Could not create an object of type 'endpoint' with id '(?:ana|carl)'/,
  /Option 'stir_shaken' is no longer supported/,
];

interface Ran {
  readonly status: number;
  readonly out: string;
  readonly error: string;
}

describe('phones that dragoman endpoints makes', () => {
  let exchange: Exchange | string | undefined;
  let tlsPort = 0;
  const passwords = new Map<string, string>();
  let stt: VoskStandIn;

  before(async () => {
    stt = await VoskStandIn.open({ hear: wordHeard('young') });
    exchange = await Exchange.open({
      // Who calls would speak Spanish, were its phone not known to speak English.
      serve: [
        ...['--pair', 'es:en', '--untranslatable', 'passthrough', '--captions'],
        ...['--announcement', 'off', '--original', 'off', '--endpoints', 'ari'],
        ...['--stt', 'vosk', '--mt', 'apertium', '--tts', 'espeak-ng'],
      ],
      environment: { VOSK_URL: `en=${stt.url},es=${stt.url}` },
      include: join(findRepository(), 'test/asterisk-e2e/endpoints.conf'),
      ariPassword: 'hush',
    });
    if (exchange instanceof Exchange) {
      const { testbed, dragoman } = exchange;
      await testbed.cli(`dialplan set global DRAGOMAN_API ${dragoman.httpUrl}/api/v1`);
      tlsPort = await freePort();
    }
  });
  after(async () => {
    if (exchange instanceof Exchange) {
      await exchange.close(CALLED_FOR);
    }
    await stt.close();
  });

  /** `dragoman endpoints`, as root of the machine runs it. @param told is given what it says beside its answer. */
  function begin(
    { testbed, dragoman }: Exchange,
    words: readonly string[],
    told: (text: string) => void = () => {},
  ): Promise<Ran> {
    const where = ['--file', fileOf(testbed), '--asterisk', testbed.command];
    const service = ['--http', dragoman.httpUrl.replace('http://', '')];
    return new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        [MAIN, 'endpoints', ...where, ...service, ...words],
        { timeout: CALL_LIMIT_MS },
        (error, out, said) => resolve({ status: Number(error?.code ?? 0), out, error: said }),
      );
      child.stderr?.on('data', (text) => told(String(text)));
    });
  }

  function endpoints(on: Exchange, ...words: readonly string[]): Promise<Ran> {
    return begin(on, words);
  }

  async function add(on: Exchange, name: string, language: string): Promise<void> {
    const { status, out, error } = await endpoints(on, 'add', name, '--language', language, '--tls');
    assert.equal(status, 0, error);
    passwords.set(name, /password\s+(\S+)/.exec(out)?.[1] ?? '');
  }

  function account(user: string) {
    return { user, password: passwords.get(user) ?? '', tlsPort };
  }

  /** Both phones in the call that ana makes. */
  async function call(test: TestContext, on: Exchange, said: Int16Array, number = '900') {
    const say = { rateHz: 16_000, pcm: said };
    const [ana, ben] = await Promise.all([
      on.phone(test, { ...account('ana'), say }),
      on.phone(test, account('ben')),
    ]);
    await ana.dial(number);
    await Promise.all([ana.until('CALL_ESTABLISHED'), ben.until('CALL_ESTABLISHED')]);
    return [ana, ben] as const;
  }

  /** Waits until `list` shows lines such as these: what it does not hear of Asterisk within 5 s it does not know. */
  async function isListed(
    on: Exchange,
    words: readonly string[],
    ...lines: readonly RegExp[]
  ): Promise<void> {
    let listed = '';
    await eventually(
      () => `it is listed: ${listed}`,
      LIMIT_MS,
      async () => {
        listed = (await endpoints(on, 'list', ...words)).out;
        return lines.every((line) => line.test(listed));
      },
    );
  }

  /** What each party of the call that runs speaks. */
  async function spoken({ dragoman }: Exchange): Promise<Readonly<Record<string, string>>> {
    const parties = (await dragoman.calls()).flatMap((running) => running.parties);
    return Object.fromEntries(parties.map(({ party, language }) => [party, language]));
  }

  it('registers over TLS with what was made, and is translated in its language', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const { testbed, dragoman } = exchange;
    const made = await endpoints(
      exchange,
      ...['certificate', '--host', '127.0.0.1', '--bind', `127.0.0.1:${tlsPort}`],
      ...['--seen-in', `${testbed.seenEtc}/dragoman`],
    );
    assert.equal(made.status, 0, made.error);
    // baresip takes any certificate; who looks at it finds it good.
    const ca = await readFile(join(fileOf(testbed), '../tls.crt'));
    const socket = connect({ host: '127.0.0.1', port: tlsPort, ca });
    await once(socket, 'secureConnect');
    assert.equal(socket.authorized, true);
    socket.destroy();
    await add(exchange, 'ana', 'en');
    await add(exchange, 'ben', 'es');
    const text = await readFile(fileOf(testbed), 'utf8');
    for (const password of passwords.values()) {
      assert.match(password, /^[A-Za-z2-9]{20}$/);
      assert.ok(!text.includes(password), 'the file has a password');
    }
    assert.equal((await stat(fileOf(testbed))).mode & 0o777, 0o640);
    const on = exchange;
    const said = concatPcm(...Array.from({ length: TIMES }, () => saidPcm(LEAD_MS)));
    const phones = await call(test, exchange, said);
    await isListed(
      exchange,
      [],
      /^ana +en +- +TLS, SRTP +yes +in a call$/m,
      /^ben +es +- +TLS, SRTP +yes +in a call$/m,
    );
    await eventually('both speak what their phones say', LIMIT_MS, async () =>
      isDeepStrictEqual(await spoken(on), { a: 'en', b: 'es' }),
    );
    const events: CallEvent[] = [];
    const captions = new CallCaptions(
      { url: dragoman.httpUrl },
      await testbed.variable('ana', 'DRAGOMAN_CALL_ID'),
      systemClock,
      (event) => events.push(event),
      (sentence) => assert.fail(sentence),
    );
    const over = new AbortController();
    const followed = captions.follow(over.signal);
    await eventually(
      () => `both sentences are reported: ${JSON.stringify(events)}`,
      CALL_LIMIT_MS,
      () => reportsOf(events).length >= SAID.length,
    );
    await phones[0].hangUp();
    await phones[1].until('CALL_CLOSED');
    await followed;
    over.abort();
    const told = JSON.stringify(events);
    assert.match(told, /j[oó]ven/i);
    const [, heard] = await hearBoth(phones);
    assert.ok(
      heard.pcm.some((sample) => Math.abs(sample) > 2_000),
      'ben heard nothing',
    );
  });

  it('is refused without encryption', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const { tlsPort: _, ...open } = account('ana');
    const ana = await exchange.phone(test, open);
    await ana.dial('900');
    assert.match((await ana.until('CALL_CLOSED', LIMIT_MS)).param, /^488 /);
    await ana.close();
  });

  it('changes nothing for what is wrong, or what Asterisk does not read', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const { testbed } = exchange;
    const before = await readFile(fileOf(testbed), 'utf8');
    for (const [words, said] of [
      [['add', 'ana', '--language', 'en'], /there is a phone ana already/],
      [['add', 'alice', '--language', 'en'], /there is a phone alice already, in another file of Asterisk/],
      [['add', 'carl', '--language', 'fr'], /nothing is set up for this language here, only for es, en/],
      [['add', 'carl;x', '--language', 'en'], /the name of a phone begins with/],
      [['add', 'carl', '--language', 'en', '--voice', 'a\n[bob]'], /the voice has letters/],
      [['add', 'carl', '--language', 'en', '--transport', 'none'], /there is no transport none/],
      [['remove', 'carl'], /there is no phone carl here/],
    ] as const) {
      const { status, error } = await endpoints(exchange, ...words);
      assert.equal(status, 2, words.join(' '));
      assert.match(error, said);
    }
    // Asterisk goes on with what it had.
    for (const [words, said] of [
      [['add', 'carl', '--language', 'en', '--codecs', 'nosuch'], /does not take what is new in it/],
      [['update', 'ana', '--codecs', 'nosuch'], /does not take what is new in it/],
    ] as const) {
      const { status, error } = await endpoints(exchange, ...words);
      assert.equal(status, 1, words.join(' '));
      assert.match(error, said);
    }
    assert.equal(await readFile(fileOf(testbed), 'utf8'), before);
    // Nobody includes this one.
    const elsewhere = join(testbed.etc, 'elsewhere/endpoints.conf');
    const { status, error } = await endpoints(
      exchange,
      'add',
      'carl',
      '--language',
      'en',
      '--file',
      elsewhere,
    );
    assert.equal(status, 1);
    assert.match(error, /Asterisk has reloaded and does not read .*elsewhere\/endpoints\.conf/);
    await assert.rejects(readFile(elsewhere), /ENOENT/);
  });

  it('is removed when its call is over, or hung up at once, and can register no more', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const { testbed } = exchange;
    const hand = '; by hand\n[ben-extra](!)\ntype = endpoint\n';
    const file = fileOf(testbed);
    await writeFile(file, `${await readFile(file, 'utf8')}${hand}`);
    const on = exchange;
    const [ana, ben] = await call(test, on, new Int16Array(16_000), '901');
    await eventually('--ari has looked up what their phones say', LIMIT_MS, async () =>
      isDeepStrictEqual(await spoken(on), { a: 'en', b: 'es' }),
    );
    let told = '';
    const removing = begin(on, ['remove', 'ana', '--when-idle'], (text) => {
      told += text;
    });
    await eventually(
      () => `it waits for the end of the call; it said: ${told}`,
      LIMIT_MS,
      () => /ana is in a call; it is removed when that is over/.test(told),
    );
    assert.equal((await endpoints(exchange, 'update', 'ben', '--voice', 'es+f3')).status, 0);
    assert.match(await readFile(file, 'utf8'), /dragoman endpoint ana/);
    assert.equal(ana.count('CALL_CLOSED') + ben.count('CALL_CLOSED'), 0);
    const { status, error } = await endpoints(exchange, 'remove', 'ben');
    assert.equal(status, 0, error);
    await Promise.all([ana.until('CALL_CLOSED', LIMIT_MS), ben.until('CALL_CLOSED', LIMIT_MS)]);
    const waited = await removing;
    assert.equal(waited.status, 0, waited.error);
    await hearBoth([ana, ben]);
    assert.equal(await Phone.refused(testbed, account('ana')), '401');
    assert.equal(await Phone.refused(testbed, account('ben')), '401');
    assert.match((await endpoints(exchange, 'list')).out, /there are no phones of ours/);
    assert.ok((await readFile(file, 'utf8')).endsWith(hand));
  });

  it('is given to Asterisk over ARI by the service, calls in its language and voice, and is gone when it says so', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const { testbed, dragoman } = exchange;
    const on = exchange;
    const file = join(testbed.folder, 'password');
    const password = 'correct-Horse-9';
    await writeFile(file, `${password}\n`, { mode: 0o600 });
    const byService = (...words: readonly string[]) => endpoints(on, ...words, '--service');
    for (const [name, language, voice] of [
      ['eva', 'en', 'en-gb+f3'],
      ['finn', 'es', 'es+m2'],
    ] as const) {
      const words = ['--language', language, '--voice', voice, '--password-file', file];
      const { status, error } = await byService('add', name, ...words);
      assert.equal(status, 0, error);
    }
    assert.match(
      (await byService('add', 'alice', '--language', 'en')).error,
      /there is a phone alice already/,
    );
    const [eva, finn] = await Promise.all([
      exchange.phone(test, { user: 'eva', password }),
      exchange.phone(test, { user: 'finn', password }),
    ]);
    await isListed(exchange, ['--service'], /^eva +en +en-gb\+f3 +any +yes$/m);
    for (let made = 1; ; made += 1) {
      const lateBefore = await exchange.registrationsLate();
      await eva.dial('902');
      await Promise.all([eva, finn].map((phone) => phone.until('CALL_ESTABLISHED', CALL_LIMIT_MS, made)));
      if ((await exchange.registrationsLate()) === lateBefore || made === MOST_CALLS) {
        break;
      }
      await eva.hangUp();
      await Promise.all([eva, finn].map((phone) => phone.until('CALL_CLOSED', LIMIT_MS, made)));
    }
    await eventually('the call is as their phones say', LIMIT_MS, async () =>
      isDeepStrictEqual(await spoken(on), { a: 'en', b: 'es' }),
    );
    const running = await (await fetch(`${dragoman.httpUrl}/api/v1/calls?state=running`)).text();
    assert.match(running, /"party":"a"[^}]*"voice":"en-gb\+f3"/);
    assert.match(running, /"party":"b"[^}]*"voice":"es\+m2"/);
    assert.match(running, /"policy":"turn"/);
    assert.equal((await byService('remove', 'finn')).status, 0);
    await eventually('the call is over for both', LIMIT_MS, () =>
      [eva, finn].every((phone) => phone.count('CALL_CLOSED') === phone.count('CALL_ESTABLISHED')),
    );
    await hearBoth([eva, finn]);
    assert.equal(await Phone.refused(testbed, { user: 'finn', password }), '401');
    // Asterisk keeps what it was given.
    await testbed.restart('now');
    assert.match((await byService('list')).out, /^eva +en /m);
    await (await exchange.phone(test, { user: 'eva', password })).close();
    assert.equal((await byService('remove', 'eva')).status, 0);
    assert.equal(await Phone.refused(testbed, { user: 'eva', password }), '401');
  });

  it('is written into a file by the service, which tells Asterisk over ARI', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const { testbed } = exchange;
    const flags = ['--pair', 'es:en', '--mode', 'passthrough', '--ari', testbed.ari, '--ari-app', 'second'];
    const service = await DragomanProcess.start(
      [`127.0.0.1:${await freePort()}`],
      [...flags, '--endpoints', fileOf(testbed)],
      { DRAGOMAN_ARI_PASSWORD: 'hush' },
    );
    test.after(() => service.close());
    const password = 'correct-Horse-9';
    const wish = { name: 'gus', language: 'en', password };
    assert.equal(await service.post('/api/v1/endpoints', { ...wish, name: 'alice' }), 409);
    assert.equal(await service.post('/api/v1/endpoints', { ...wish, transport: 'none' }), 400);
    assert.equal(await service.post('/api/v1/endpoints', wish), 201);
    assert.equal((await stat(fileOf(testbed))).mode & 0o777, 0o640);
    const gus = await exchange.phone(test, { user: 'gus', password });
    await eventually('its registration is shown', LIMIT_MS, async () =>
      /"registered":true/.test(await (await fetch(`${service.httpUrl}/api/v1/endpoints/gus`)).text()),
    );
    await gus.close();
    assert.equal(await service.remove('/api/v1/endpoints/gus'), 204);
    assert.equal(await Phone.refused(testbed, { user: 'gus', password }), '401');
    assert.ok(!JSON.stringify(service.lines).includes(password));
  });
});

function fileOf({ etc }: { readonly etc: string }): string {
  return join(etc, 'dragoman/endpoints.conf');
}
