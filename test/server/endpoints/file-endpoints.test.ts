/** Phones in a file on a real disk, under the kernel's lock; Asterisk is played by the test. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setImmediate as turnOfLoop } from 'node:timers/promises';
import { Secret } from '../../../src/base/secret.ts';
import { type EndpointReason, EndpointRefusal } from '../../../src/server/endpoints/endpoint-refusal.ts';
import { FileEndpoints } from '../../../src/server/endpoints/file-endpoints.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { endsWithUs } from '../../support/processes.ts';
import { ScriptedAsterisk } from './scripted-asterisk.ts';

const PASSWORD = new Secret('correct-Horse-9');
const LOCK = new URL('../../../src/server/endpoints/file-lock.js', import.meta.url).href;
const NEVER = new AbortController().signal;
const AS_WRITTEN = { whenIdle: false, overwrite: false };

const folder = mkdtempSync(join(tmpdir(), 'dragoman-endpoints-'));
let files = 0;

after(() => rmSync(folder, { recursive: true }));

/** A file that is not there yet, and an Asterisk that reads it. */
function start(realm = 'asterisk') {
  files += 1;
  const path = join(folder, String(files), 'endpoints.conf');
  const asterisk = new ScriptedAsterisk(path);
  const clock = new FakeClock();
  const book = new FileEndpoints({ path, realm, asterisk, clock });
  const add = (name: string, more = {}) => book.add({ name, language: 'en', ...more }, PASSWORD, NEVER);
  return { path, asterisk, clock, book, add, text: () => readFileSync(path, 'utf8') };
}

/** What came of something that waits on the clock. */
async function settled<Done>(clock: FakeClock, work: Promise<Done>): Promise<Done> {
  let over = false;
  const end = (): void => {
    over = true;
  };
  work.then(end, end);
  while (!over) {
    await turnOfLoop();
    await clock.advance(100);
  }
  return work;
}

function refused(reason: EndpointReason, said: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof EndpointRefusal, String(error));
    assert.equal(error.reason, reason);
    assert.match(error.message, said);
    return true;
  };
}

describe('phones in a file', () => {
  it('are added, listed, changed and removed, and Asterisk is told each time', async () => {
    const { book, asterisk, add, text, path } = start();
    await add('bob', { voice: 'nova', encrypted: false });
    await add('alice');
    asterisk.online.add('bob');
    const usual = {
      context: 'phones',
      codecs: ['g722', 'alaw', 'ulaw'],
      encrypted: false,
      transport: undefined,
    };
    const idle = { inCall: false, edited: false };
    assert.deepEqual(await book.list(NEVER), [
      { name: 'alice', language: 'en', voice: undefined, ...usual, registered: false, ...idle },
      { name: 'bob', language: 'en', voice: 'nova', ...usual, registered: true, ...idle },
    ]);
    const digest = /^md5_cred = \w{32}$/m;
    const before = digest.exec(text())?.[0];
    assert.equal((await book.update('bob', { language: 'fr' }, { overwrite: false }, NEVER)).language, 'fr');
    assert.match(text(), /^set_var = DRAGOMAN_LANG=fr\n(?:.*\n)*^@dragoman_lang = fr$/m);
    assert.equal(digest.exec(text())?.[0], before, 'the password has changed with the language');
    await book.update('bob', {}, { password: new Secret('another-Horse-9'), overwrite: false }, NEVER);
    assert.notEqual(digest.exec(text())?.[0], before);
    await book.remove('bob', AS_WRITTEN, NEVER);
    assert.deepEqual(
      (await book.list(NEVER)).map(({ name }) => name),
      ['alice'],
    );
    assert.deepEqual(
      asterisk.told,
      Array.from({ length: 5 }, () => 'reload'),
    );
    assert.ok(!text().includes(PASSWORD.reveal()));
    assert.deepEqual(readdirSync(dirname(path)).sort(), ['endpoints.conf', 'endpoints.conf.lock']);
  });

  it('are kept from everybody but the owner and Asterisk, whatever the file was before', async () => {
    const { path, add } = start();
    await add('alice');
    assert.equal(statSync(path).mode & 0o777, 0o640);
    assert.equal(statSync(dirname(path)).mode & 0o7777, 0o2750);
    chmodSync(path, 0o644);
    await add('bob');
    assert.equal(statSync(path).mode & 0o777, 0o640);
  });

  it('are not written through what the owner of the folder has put beside them', async () => {
    const { path, add } = start();
    await add('alice');
    const another = join(folder, 'another');
    writeFileSync(another, 'as it was');
    symlinkSync(another, `${path}.new`);
    await add('bob');
    assert.match(readFileSync(path, 'utf8'), /dragoman endpoint bob/);
    assert.equal(readFileSync(another, 'utf8'), 'as it was');
    const missing = join(folder, 'not-there');
    rmSync(`${path}.lock`);
    symlinkSync(missing, `${path}.lock`);
    await assert.rejects(add('carol'), { code: 'file-unwritable', message: /remove it if it is a link/ });
    assert.throws(() => statSync(missing), /ENOENT/);
  });

  it('are where a link of root leads, and never where one of somebody else does', async (t) => {
    if (process.getuid?.() !== 0) {
      t.skip('only root makes links of others');
      return;
    }
    const { path, add } = start();
    await add('alice');
    const another = join(folder, 'elsewhere');
    writeFileSync(another, readFileSync(path));
    rmSync(path);
    symlinkSync(another, path);
    await add('bob');
    assert.match(readFileSync(another, 'utf8'), /dragoman endpoint bob/);
    const before = readFileSync(another, 'utf8');
    lchownSync(path, 65_534, 65_534);
    await assert.rejects(add('carol'), {
      code: 'file-unwritable',
      message: /a link that root does not follow/,
    });
    assert.equal(readFileSync(another, 'utf8'), before);
  });

  it('are not written into a folder that somebody else leads root to', async (t) => {
    if (process.getuid?.() !== 0) {
      t.skip('only root makes links of others');
      return;
    }
    const { path, add } = start();
    const another = mkdtempSync(join(folder, 'of-root-'));
    symlinkSync(another, dirname(path));
    lchownSync(dirname(path), 65_534, 65_534);
    await assert.rejects(add('alice'), {
      code: 'file-unwritable',
      message: /a link that root does not follow/,
    });
    assert.deepEqual(readdirSync(another), []);
  });

  it('are refused twice, whoever has the name, and then nothing is changed', async () => {
    const { book, asterisk, add, text, path } = start();
    await add('alice');
    writeFileSync(path, `${text()}[carol]\ntype = endpoint\n`);
    asterisk.others.add('desk');
    const before = text();
    for (const [name, where] of [
      ['alice', /already, in .*endpoints\.conf/],
      ['carol', /already, in .*endpoints\.conf/],
      ['desk', /already, in another file of Asterisk/],
    ] as const) {
      await assert.rejects(add(name), refused('endpoint-exists', where));
    }
    await assert.rejects(
      add('dora', { encrypted: true }),
      refused('bad-endpoint', /there is no transport dragoman-tls/),
    );
    await assert.rejects(book.add({ name: 'eve', language: 'en' }, new Secret('short'), NEVER), /is weak/);
    await assert.rejects(book.remove('eve', AS_WRITTEN, NEVER), refused('no-such-endpoint', /no phone eve/));
    await assert.rejects(
      book.update('eve', {}, { overwrite: false }, NEVER),
      refused('no-such-endpoint', /no phone eve/),
    );
    assert.equal(text(), before);
    assert.deepEqual(asterisk.told, ['reload']);
  });

  it('are as they were when Asterisk does not read the file, or does not answer', async () => {
    const { asterisk, clock, add, text, path } = start();
    asterisk.path = undefined;
    await assert.rejects(
      settled(clock, add('alice')),
      refused('not-read', /Asterisk has reloaded and does not read/),
    );
    assert.throws(() => statSync(path), /ENOENT/);
    asterisk.path = path;
    await add('alice');
    const before = text();
    asterisk.refusal = new Error('Unable to connect to remote asterisk');
    await assert.rejects(add('bob'), refused('asterisk-failed', /nothing is changed: Unable to connect/));
    assert.equal(text(), before);
    assert.equal(await asterisk.versionOf('bob'), undefined);
    // It was told again of what is there.
    assert.deepEqual(asterisk.told.slice(-2), ['reload', 'reload']);
  });

  it('are as they were when Asterisk goes on with what it had, as it does with a codec that it does not know', async () => {
    const { book, asterisk, clock, add, text } = start();
    await add('alice');
    const before = text();
    asterisk.refuses.add('alice');
    for (const change of [{ language: 'fr' }, { codecs: ['nosuch'] }]) {
      const updating = book.update('alice', change, { overwrite: false }, NEVER);
      await assert.rejects(settled(clock, updating), refused('not-read', /does not take what is new in it/));
      assert.equal(text(), before);
    }
    const password = new Secret('another-Horse-9');
    const updating = book.update('alice', {}, { password, overwrite: false }, NEVER);
    await assert.rejects(settled(clock, updating), refused('not-read', /nothing is changed/));
    asterisk.refuses.clear();
    await book.update('alice', { language: 'fr' }, { overwrite: false }, NEVER);
  });

  it('are as they were for who is interrupted while Asterisk reads', async () => {
    const { book, asterisk, add, text, path } = start();
    await add('alice');
    const before = text();
    asterisk.path = undefined;
    const stop = new AbortController();
    const adding = book.add({ name: 'bob', language: 'en' }, PASSWORD, stop.signal);
    while (asterisk.told.length < 2) {
      await turnOfLoop();
    }
    assert.notEqual(text(), before);
    asterisk.path = path;
    stop.abort();
    await assert.rejects(adding, { name: 'AbortError' });
    assert.equal(text(), before);
    assert.notEqual(await asterisk.versionOf('alice'), undefined);
    assert.equal(await asterisk.versionOf('bob'), undefined);
  });

  it('are hung up before they go, or stay while they are in a call', async () => {
    const { book, asterisk, add } = start();
    await add('alice');
    asterisk.calls.set('alice', ['PJSIP/alice-00000001', 'PJSIP/alice-00000002']);
    asterisk.calls.set('alice-2', ['PJSIP/alice-2-00000003']);
    const idle = { whenIdle: true, overwrite: false };
    await assert.rejects(book.remove('alice', idle, NEVER), refused('in-call', /alice is in a call/));
    assert.equal((await book.list(NEVER)).length, 1);
    asterisk.told.length = 0;
    await book.remove('alice', AS_WRITTEN, NEVER);
    assert.deepEqual(asterisk.told, [
      ...['hang up PJSIP/alice-00000001', 'hang up PJSIP/alice-00000002'],
      'reload',
    ]);
    assert.ok(asterisk.calls.has('alice-2'));
  });

  it('stay when their call cannot be hung up', async () => {
    const { book, asterisk, clock, add } = start();
    await add('alice');
    asterisk.calls.set('alice', ['PJSIP/alice-00000001']);
    asterisk.obeys = false;
    await assert.rejects(
      settled(clock, book.remove('alice', AS_WRITTEN, NEVER)),
      refused('asterisk-failed', /was asked to hang up alice, and has not/),
    );
    assert.equal((await book.list(NEVER)).length, 1);
  });

  it('that somebody has changed by hand are not written over unasked', async () => {
    const { book, add, text, path } = start();
    await add('alice');
    writeFileSync(path, text().replace('context = phones', 'context = desk\ncall_group = 1'));
    const [alice] = await book.list(NEVER);
    assert.deepEqual([alice?.edited, alice?.context], [true, 'desk']);
    const before = text();
    await assert.rejects(
      book.update('alice', { language: 'fr' }, { overwrite: false }, NEVER),
      refused('edited-by-hand', /--overwrite/),
    );
    await assert.rejects(book.remove('alice', AS_WRITTEN, NEVER), refused('edited-by-hand', /by hand/));
    // Another phone is none of that.
    await add('bob');
    assert.ok(text().startsWith(before));
    const { context } = await book.update('alice', { language: 'fr' }, { overwrite: true }, NEVER);
    assert.equal(context, 'desk');
    assert.doesNotMatch(text(), /call_group/);
  });

  it('are written by one at a time: of many at once none is lost', async () => {
    const { path, asterisk, book } = start();
    const other = new FileEndpoints({ path, realm: 'asterisk', asterisk, clock: new FakeClock() });
    const names = Array.from({ length: 8 }, (_, index) => `p${index}`);
    await Promise.all(
      names.map((name, index) => (index % 2 ? book : other).add({ name, language: 'en' }, PASSWORD, NEVER)),
    );
    assert.deepEqual(
      (await book.list(NEVER)).map(({ name }) => name),
      names,
    );
  });

  it('are changed sixteen at once at the most', async () => {
    const { add, book } = start();
    const adding = Array.from({ length: 17 }, (_, index) => add(`p${index}`));
    await assert.rejects(Promise.all(adding), refused('busy', /16 changes of phones are under way/));
    await Promise.allSettled(adding);
    assert.equal((await book.list(NEVER)).length, 16);
    await add('later');
  });

  it('wait for another process that writes, and are not kept by one that was killed', async () => {
    const { path, add, text } = start();
    mkdirSync(dirname(path));
    const program = `import { locked } from ${JSON.stringify(LOCK)};
      await locked(process.argv[1], () => { console.log('held'); return new Promise(() => setInterval(() => {}, 1_000)); });`;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', program, `${path}.lock`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    endsWithUs(holder);
    await once(holder.stdout, 'data');
    let added = false;
    const adding = add('alice').then(() => {
      added = true;
    });
    for (let turn = 0; turn < 50; turn += 1) {
      await turnOfLoop();
    }
    assert.equal(added, false);
    assert.throws(text, /ENOENT/);
    holder.kill('SIGKILL');
    await adding;
    assert.match(text(), /dragoman endpoint alice/);
  });

  it('of a damaged file are left alone', async () => {
    const { path, add, book } = start();
    await add('alice');
    writeFileSync(path, readFileSync(path, 'utf8').replace(/^; <<<.*$/m, ''));
    const before = readFileSync(path, 'utf8');
    await assert.rejects(add('bob'), { code: 'file-unreadable', message: /damaged at line/ });
    await assert.rejects(book.list(NEVER), { code: 'file-unreadable' });
    assert.equal(readFileSync(path, 'utf8'), before);
  });

  it('are written without Asterisk where nobody is to tell it', async () => {
    files += 1;
    const path = join(folder, String(files), 'endpoints.conf');
    const book = new FileEndpoints({ path, realm: 'pbx', asterisk: undefined, clock: new FakeClock() });
    await book.add({ name: 'alice', language: 'en' }, PASSWORD, NEVER);
    assert.match(readFileSync(path, 'utf8'), /^realm = pbx$/m);
    const [alice] = await book.list(NEVER);
    assert.deepEqual([alice?.registered, alice?.inCall], [undefined, undefined]);
    await book.remove('alice', AS_WRITTEN, NEVER);
    assert.deepEqual(await book.list(NEVER), []);
  });

  it('have one transport for TLS, which is replaced and not doubled', async () => {
    const { book, add, text } = start();
    const files = { certificate: '/keys/a.crt', key: '/keys/a.key' };
    await add('alice');
    await book.setTransport({ name: 'dragoman-tls', bind: '0.0.0.0:5061', ...files }, false, NEVER);
    await add('dora', { encrypted: true });
    await book.setTransport({ name: 'dragoman-tls', bind: '0.0.0.0:5071', ...files }, false, NEVER);
    assert.deepEqual(text().match(/^bind = .*$/gm), ['bind = 0.0.0.0:5071']);
    assert.match(text(), /^cert_file = \/keys\/a\.crt\npriv_key_file = \/keys\/a\.key$/m);
    assert.equal((await book.list(NEVER)).length, 2);
  });
});
