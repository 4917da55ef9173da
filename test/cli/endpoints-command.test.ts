/** `dragoman endpoints`: on a file beside a console that is played, and over the API of a service. */

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, describe, it, type TestContext } from 'node:test';
import { FileEndpoints } from '../../src/server/endpoints/file-endpoints.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { ScriptedAsterisk } from '../server/endpoints/scripted-asterisk.ts';
import { closeHttp, startHttp } from '../server/http/start-http.ts';
import { eventually } from '../support/waiting.ts';
import { AsteriskConsole } from './asterisk-console.ts';
import { runWords } from './run-words.ts';

const CONTACTS = `
  Contact:  <Aor/ContactUri..............................> <Hash....> <Status> <RTT(ms)..>
==========================================================================================

  Contact:  ana/sip:ana-0x55937c2119a0@127.0.0.1:52232;t d20b34f775 NonQual        -nan
`;
const CHANNEL = 'PJSIP/ana-00000001!phones!200!1!Up!Dial!PJSIP/ben!ana!!!3!12!!1795979720.0\n';

const folder = mkdtempSync(join(tmpdir(), 'dragoman-endpoints-command-'));
const passwordFile = join(folder, 'password');
let files = 0;
writeFileSync(passwordFile, 'correct-Horse-9\n', { mode: 0o600 });

after(() => rmSync(folder, { recursive: true }));
afterEach(closeHttp);

/** A file that is not there yet, Asterisk, and a service that interprets English and Spanish. */
async function start(test: TestContext) {
  files += 1;
  const path = join(folder, String(files), 'endpoints.conf');
  const asterisk = new AsteriskConsole(path);
  test.after(() => rmSync(asterisk.folder, { recursive: true }));
  const { server, interpreting } = await startHttp();
  interpreting.currentDirections = [{ from: 'en', to: 'es', state: 'served', reasons: [] }];
  const where = [
    ...['--file', path, '--asterisk', asterisk.command],
    ...['--http', `127.0.0.1:${server.address.port}`],
  ];
  const run = (...words: readonly string[]) => runWords(['endpoints', ...where, ...words]);
  const begin = (...words: readonly string[]) => begun(['endpoints', ...where, ...words]);
  return { path, asterisk, run, begin, text: () => readFileSync(path, 'utf8') };
}

/** A command that waits for the end of a call, and when it has said that it does. */
function begun(words: readonly string[]) {
  let error = '';
  const writeError = (text: string): void => {
    error += text;
  };
  const ended = runWords(words, {}, { writeError });
  const said = eventually(
    () => `it waits; it said: ${error}`,
    60_000,
    () => /is in a call; it is removed when that is over/.test(error),
  );
  return { ended, said };
}

describe('dragoman endpoints', () => {
  it('adds a phone with a password that it makes and shows once', async (test) => {
    const { run, text } = await start(test);
    const { status, out, error } = await run('add', 'ana', '--language', 'en', '--voice', '@ana');
    assert.equal(status, 0, error);
    const [, password = ''] = /^ {2}password {3}(\S{20}) /m.exec(out) ?? [];
    assert.notEqual(password, '');
    assert.match(out, /^ana is added, and speaks en\n {2}user {7}ana\n/);
    assert.ok(!text().includes(password));
    assert.ok(!(await run('list', '--json')).out.includes(password));
    assert.match(text(), /^set_var = DRAGOMAN_VOICE=@ana$/m);
  });

  it('lists who is registered and who is in a call', async (test) => {
    const { run, asterisk } = await start(test);
    assert.match((await run('list')).out, /there are no phones of ours/);
    await run('add', 'ana', '--language', 'en', '--password-file', passwordFile);
    await run('add', 'ben', '--language', 'es', '--voice', 'nova', '--password-file', passwordFile);
    asterisk.says('contacts', CONTACTS);
    asterisk.says('channels', CHANNEL);
    const [head, ana, ben] = (await run('list')).out.split('\n');
    assert.match(head ?? '', /^NAME +LANGUAGE +VOICE +WAY +REGISTERED +NOTE$/);
    assert.match(ana ?? '', /^ana +en +- +any +yes +in a call$/);
    assert.match(ben ?? '', /^ben +es +nova +any +no$/);
    const shown: unknown = JSON.parse((await run('show', 'ben')).out);
    assert.deepEqual(shown, {
      ...{ name: 'ben', language: 'es', voice: 'nova', context: 'phones', codecs: ['g722', 'alaw', 'ulaw'] },
      ...{ encrypted: false, registered: false, inCall: false, edited: false },
    });
    asterisk.says('down', '');
    assert.match((await run('list')).out, /^ana +en +- +any +not known$/m);
  });

  it('changes what is written, and says what is missing', async (test) => {
    const { run, text } = await start(test);
    await run('add', 'ana', '--language', 'en', '--voice', 'nova', '--password-file', passwordFile);
    const changed = await run('update', 'ana', '--language', 'es', '--no-voice', '--codecs', 'opus, ulaw');
    assert.deepEqual([changed.status, changed.out], [0, 'ana is changed, from its next call on\n']);
    assert.match(text(), /^allow = !all,opus,ulaw$/m);
    assert.doesNotMatch(text(), /nova/);
    const anew = await run('update', 'ana', '--new-password');
    assert.match(anew.out, /password {3}\S{20} /);
    for (const [words, said] of [
      [['update', 'ana'], /what is to change is not written/],
      [['add', 'ben'], /what is spoken at ben is not written/],
      [['add'], /which phone is not written/],
      [['add', 'ben', 'carl', '--language', 'en'], /which phone is not written/],
      [['show', 'ben'], /there is no such phone/],
    ] as const) {
      const { status, error } = await run(...words);
      assert.equal(status, 2);
      assert.match(error, said);
    }
  });

  it('refuses a language that nobody renders, and goes on where the service does not say', async (test) => {
    const { run, path, text } = await start(test);
    const refused = await run('add', 'ana', '--language', 'fr');
    assert.equal(refused.status, 2);
    assert.match(refused.error, /nothing is set up for this language here, only for en, es/);
    assert.ok(!existsSync(path));
    const alone = await run('add', 'ana', '--language', 'fr', '--http', '127.0.0.1:1');
    assert.equal(alone.status, 0);
    assert.match(alone.error, /not known whether fr is interpreted here, since the service does not say/);
    assert.match(text(), /DRAGOMAN_LANG=fr/);
  });

  it('takes a password from a file that nobody else reads, and refuses a weak one', async (test) => {
    const { run, path } = await start(test);
    const open = join(folder, 'open');
    writeFileSync(open, 'correct-Horse-9\n');
    chmodSync(open, 0o644);
    const weak = join(folder, 'weak');
    writeFileSync(weak, 'hunter2\n', { mode: 0o600 });
    for (const [file, said] of [
      [open, /everybody on this machine can read .*open: chmod 600/],
      [weak, /the password is weak/],
      [join(folder, 'none'), /the password cannot be read in .*none \(ENOENT\)/],
    ] as const) {
      const { status, error } = await run('add', 'ana', '--language', 'en', '--password-file', file);
      assert.notEqual(status, 0);
      assert.match(error, said);
      assert.ok(!error.includes('hunter2'));
    }
    assert.ok(!existsSync(path));
  });

  it('says that Asterisk does not answer, and does without where it is told to', async (test) => {
    const { run, asterisk, path, text } = await start(test);
    asterisk.says('down', '');
    const { status, error } = await run('add', 'ana', '--language', 'en');
    assert.equal(status, 1);
    assert.match(error, /nothing is changed: Asterisk does not answer \(Unable to connect.*--no-reload/);
    const other = ['endpoints', '--file', path, '--asterisk', '/bin/false'];
    const none = await runWords([...other, 'add', 'ana', '--language', 'en', '--http', '127.0.0.1:1']);
    assert.match(none.error, /does not answer \(Command failed[^\n]*[^\s]\)\. Start it/);
    assert.ok(!existsSync(path));
    assert.equal((await run('add', 'ana', '--language', 'en', '--no-reload')).status, 0);
    assert.match(text(), /dragoman endpoint ana/);
  });

  it('removes a phone: hangs it up, or waits until its call is over', async (test) => {
    const { run, begin, asterisk, text } = await start(test);
    await run('add', 'ana', '--language', 'en', '--password-file', passwordFile);
    asterisk.says('channels', CHANNEL);
    const waiting = begin('remove', 'ana', '--when-idle');
    await waiting.said;
    assert.match(text(), /dragoman endpoint ana/);
    asterisk.says('channels', '');
    const { status, out } = await waiting.ended;
    assert.deepEqual([status, out], [0, 'ana is removed, and can register no more\n']);
    await run('add', 'ana', '--language', 'en', '--password-file', passwordFile);
    asterisk.says('channels', CHANNEL);
    assert.equal((await run('remove', 'ana')).status, 0);
    const { asked } = asterisk;
    const hung = asked.indexOf('channel request hangup PJSIP/ana-00000001');
    assert.ok(hung > 0 && asked.indexOf('module reload res_pjsip.so', hung) > hung, asked.join('\n'));
    assert.doesNotMatch(text(), /dragoman endpoint ana/);
  });

  it('makes a certificate for TLS, for its owner and Asterisk alone, and not a second one unasked', async (test) => {
    const { run, path, text } = await start(test);
    const { status, error } = await run(
      'certificate',
      '--host',
      'pbx.example.org',
      '--seen-in',
      '/etc/asterisk/dragoman',
    );
    assert.equal(status, 0, error);
    const [crt, key] = ['tls.crt', 'tls.key'].map((name) => join(path, '..', name)) as [string, string];
    const read = new X509Certificate(readFileSync(crt));
    assert.equal(read.checkHost('pbx.example.org'), 'pbx.example.org');
    assert.equal(read.checkHost('other.example.org'), undefined);
    assert.equal(statSync(key).mode & 0o777, 0o640);
    assert.match(text(), /^priv_key_file = \/etc\/asterisk\/dragoman\/tls\.key$/m);
    const before = readFileSync(key, 'utf8');
    const again = await run('certificate', '--host', 'pbx.example.org');
    assert.match(again.error, /there is a certificate in .* already/);
    assert.equal(readFileSync(key, 'utf8'), before);
    assert.equal((await run('add', 'ana', '--language', 'en', '--tls')).status, 0);
    assert.match(text(), /^transport = dragoman-tls$/m);
    for (const [words, said] of [
      [['certificate'], /write the certificate that you have/],
      [['certificate', '--host', 'a b'], /--host is a name or an address/],
      [['certificate', '--certificate', crt, '--key', 'tls.key'], /both as whole paths/],
      [['certificate', '--certificate', crt, '--key', passwordFile], /no certificate and no key/],
    ] as const) {
      const refused = await run(...words);
      assert.equal(refused.status, 2, words.join(' '));
      assert.match(refused.error, said);
    }
    const given = await run('certificate', '--certificate', crt, '--key', key, '--bind', '127.0.0.1:5062');
    assert.equal(given.status, 0, given.error);
    assert.deepEqual(text().match(/^bind = .*$/gm), ['bind = 127.0.0.1:5062']);
    const other = await start(test);
    await other.run('certificate', '--host', '10.0.0.7');
    const foreign = join(other.path, '..', 'tls.key');
    const mixed = await run('certificate', '--certificate', crt, '--key', foreign);
    assert.match(mixed.error, /is the key of another certificate/);
  });

  it('leaves no certificate behind that Asterisk does not take, and the one before where there was one', async (test) => {
    const { run, asterisk, path, text } = await start(test);
    const key = join(path, '../tls.key');
    asterisk.says('down', '');
    const { status, error } = await run('certificate', '--host', '10.0.0.7');
    assert.equal(status, 1);
    assert.match(error, /Asterisk does not answer/);
    assert.ok(!existsSync(key) && !existsSync(path));
    rmSync(join(asterisk.folder, 'down'));
    await run('certificate', '--host', '10.0.0.7');
    const [before, keyBefore] = [text(), readFileSync(key, 'utf8')];
    asterisk.says('down', '');
    await run('certificate', '--host', '10.0.0.7', '--overwrite', '--bind', '0.0.0.0:5062');
    assert.deepEqual([text(), readFileSync(key, 'utf8')], [before, keyBefore]);
    rmSync(join(asterisk.folder, 'down'));
    const { out } = await run('certificate', '--host', '10.0.0.7', '--overwrite');
    assert.match(out, /when it starts anew/);
    assert.notEqual(readFileSync(key, 'utf8'), keyBefore);
  });

  it('leaves the key of the certificate that is there where another cannot be written beside it', async (test) => {
    const { run, path } = await start(test);
    const [crt, key] = ['../tls.crt', '../tls.key'].map((name) => join(path, name)) as [string, string];
    // What is written first is no file.
    mkdirSync(join(path, '../tls.crt.new'), { recursive: true });
    const none = await run('certificate', '--host', '10.0.0.7');
    assert.equal(none.status, 1);
    assert.match(none.error, /the certificate cannot be written into .* \(EISDIR\): make room there/);
    assert.ok(!existsSync(key));
    rmSync(join(path, '../tls.crt.new'), { recursive: true });
    await run('certificate', '--host', '10.0.0.7');
    const before = [crt, key].map((each) => readFileSync(each, 'utf8'));
    mkdirSync(join(path, '../tls.crt.new'));
    assert.equal((await run('certificate', '--host', '10.0.0.7', '--overwrite')).status, 1);
    assert.deepEqual(
      [crt, key].map((each) => readFileSync(each, 'utf8')),
      before,
    );
  });

  it('says what to name where a folder is named in place of the file', async (test) => {
    const { run } = await start(test);
    const { status, error } = await run('list', '--file', folder);
    assert.equal(status, 1);
    assert.match(error, /is no file of phones: it is a folder.*; name a file/);
  });

  it('has a running service do the same over its API', async () => {
    files += 1;
    const path = join(folder, String(files), 'endpoints.conf');
    const asterisk = new ScriptedAsterisk(path);
    const endpoints = new FileEndpoints({ path, realm: 'asterisk', asterisk, clock: new FakeClock() });
    const { server } = await startHttp({}, { endpoints });
    const where = ['--service', '--http', `127.0.0.1:${server.address.port}`];
    const run = (...words: readonly string[]) => runWords(['endpoints', ...words, ...where]);
    assert.match((await run('add', 'ana', '--language', 'en')).out, /password {3}\S{20} /);
    assert.match((await run('list')).out, /^ana +en +- +any +no$/m);
    assert.equal((await run('update', 'ana', '--voice', 'nova')).status, 0);
    assert.match((await run('show', 'ana')).out, /"voice": "nova"/);
    const twice = await run('add', 'ana', '--language', 'en');
    assert.equal(twice.status, 1);
    assert.match(twice.error, /there is a phone ana already/);
    asterisk.calls.set('ana', ['PJSIP/ana-00000001']);
    const waiting = begun(['endpoints', 'remove', 'ana', '--when-idle', ...where]);
    await waiting.said;
    asterisk.calls.clear();
    assert.equal((await waiting.ended).status, 0);
    assert.match((await run('list')).out, /there are no phones of ours/);
  });
});
