/** The forms of the log: as people read it, as systemd's journal takes it, and which is chosen for whom. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { AppError } from '../../src/base/errors.ts';
import type { Log } from '../../src/base/log.ts';
import { createLog } from '../../src/cli/log.ts';
import { isJournal, type LogForm, logForm } from '../../src/cli/log-format.ts';
import type { LogLevel } from '../../src/cli/log-level.ts';
import { readVersion } from '../../src/cli/version.ts';
import { temporaryFolder } from '../systemd/repository.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const TEXT: LogForm = { format: 'text', colours: false };
const JOURNAL: LogForm = { format: 'journal', colours: false };

/** A log in a form, and what it has written. */
function logIn(
  form: LogForm,
  level: LogLevel = 'info',
): { readonly log: Log; readonly written: () => string } {
  let text = '';
  const write = (line: string): void => {
    text += line;
  };
  return { log: createLog({ level, logPii: false, form }, { write }), written: () => text };
}

describe('log as text', () => {
  it('says when, how grave, what, and the fields after it', () => {
    const { log, written } = logIn(TEXT);
    log
      .child({ remote: '10.0.0.7:4711' })
      .warn({ legs: 2, languages: ['en', 'es'], more: [] }, 'a leg was refused');
    assert.match(
      written(),
      /^\d\d:\d\d:\d\d\.\d{3} warn {2}a leg was refused {2}remote=10\.0\.0\.7:4711 legs=2 languages=en,es more=none\n$/,
    );
  });

  it('quotes what has blanks, and shows an error as a sentence', () => {
    const { log, written } = logIn(TEXT);
    log.error(
      {
        error: new AppError('engine-died', 'it ended', new Error('EPIPE')),
        name: 'a b',
        utterances: { spoken: 3, failed: 1 },
        deep: { n: [1] },
      },
      'm',
    );
    assert.match(
      written(),
      / error m {2}error="engine-died: it ended \(EPIPE\)" name="a b" utterances=spoken:3,failed:1 deep=\{"n":\[1\]\}\n$/,
    );
  });

  it('lets nobody outside of it write lines or orders to the terminal', () => {
    const { log, written } = logIn(TEXT);
    log.info({ uuid: 'x\n12:00:00 error forged', name: '\u001b[2J', other: '\u202e' }, 'm');
    assert.equal(written().split('\n').length, 2);
    assert.ok(!written().includes('\u001b') && !written().includes('\u202e'));
  });

  it('has a line for each frame of a stack', () => {
    const { log, written } = logIn(TEXT, 'debug');
    log.debug({ error: new Error('e') }, 'm');
    const [first = '', ...frames] = written().trimEnd().split('\n');
    assert.match(first, / debug m {2}error=/);
    assert.ok(frames.length > 0 && frames.every((frame) => frame.startsWith('    at ')), written());
  });

  it('leaves out what is spoken, as every form does', () => {
    const { log, written } = logIn(TEXT);
    log.info({ piiText: 'hush' }, 'm');
    assert.match(written(), / info {2}m\n$/);
  });

  it('has colours only where they are asked for', () => {
    const { log, written } = logIn({ format: 'text', colours: true });
    log.warn({ legs: 2 }, 'm');
    assert.ok(written().includes('\u001b[33mwarn \u001b[0m m  \u001b[2mlegs=\u001b[0m2\n'));
  });
});

describe('log for the journal', () => {
  it("has systemd's levels and no time", () => {
    const { log, written } = logIn(JOURNAL, 'debug');
    log.debug({}, 'a');
    log.info({ legs: 2 }, 'b');
    log.warn({}, 'c');
    log.error({}, 'd');
    assert.equal(written(), '<7>a\n<6>b  legs=2\n<4>c\n<3>d\n');
  });

  it('keeps an event one line, with its stack too: each line would be an entry without its level', () => {
    const { log, written } = logIn(JOURNAL, 'debug');
    log.error({ error: new Error('first\nsecond') }, 'm');
    assert.match(written(), /^<3>m {2}error=.*\n$/);
  });
});

describe('form of the log', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let descriptor: number;
  let stream: string;
  beforeEach(() => {
    folder = temporaryFolder();
    descriptor = openSync(join(folder.path, 'log'), 'w+');
    const { dev, ino } = fstatSync(descriptor, { bigint: true });
    stream = `${dev}:${ino}`;
  });
  afterEach(() => {
    closeSync(descriptor);
    folder.remove();
  });

  it('is JSON for a program, and what was asked for when something was', () => {
    assert.equal(logForm('auto', {}, descriptor).format, 'json');
    assert.equal(logForm('text', { JOURNAL_STREAM: stream }, descriptor).format, 'text');
  });

  it("is the journal's only where it is this stream that the journal reads", () => {
    assert.equal(logForm('auto', { JOURNAL_STREAM: stream }, descriptor).format, 'journal');
    assert.ok(!isJournal({ JOURNAL_STREAM: '8:1' }, descriptor));
    assert.ok(!isJournal({ JOURNAL_STREAM: '' }, descriptor));
  });

  it('is seen of serve in the journal: what it was told at the start, and why it does not start', async () => {
    const words = ['serve', '--pair', 'en:es', '--mode', 'passthrough', '--http', 'off', '--metrics', 'off'];
    // It listens on an address that is not this machine's.
    const child = spawn(process.execPath, [MAIN, ...words, '--listen', '192.0.2.1:5050'], {
      env: { JOURNAL_STREAM: stream, DEEPL_API_KEY: 'hush:fx' },
      stdio: ['ignore', descriptor, descriptor],
    });
    assert.deepEqual(await once(child, 'exit'), [1, null]);
    const lines = readFileSync(join(folder.path, 'log'), 'utf8').trimEnd().split('\n');
    const [start = ''] = lines;
    assert.ok(start.startsWith(`<6>starting  version=${readVersion()} `), start);
    assert.ok(start.includes(` node=${process.versions.node} `), start);
    const rest = start.slice(start.indexOf(' languages='));
    assert.equal(
      rest,
      ' languages=en,es listen=192.0.2.1:5050 mode=passthrough http=off metrics=off providers=deepl',
    );
    assert.doesNotMatch(lines.join('\n'), /hush/);
    assert.match(lines.join('\n'), /^<3>dragoman: .*192\.0\.2\.1/m);
  });
});
