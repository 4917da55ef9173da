import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { findModelFiles } from '../../src/engines/stt/pocketsphinx/model-files.ts';
import {
  DEBIAN_ENGLISH_MODEL,
  PocketsphinxEngine,
} from '../../src/engines/stt/pocketsphinx/pocketsphinx-engine.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { withoutFiles } from '../support/no-more-files.ts';
import { firstOf } from '../support/processes.ts';
import { eventually, within } from '../support/waiting.ts';
import { EventLog, testSignal, untilTimers } from './events.ts';
import { CLIPS, readClip } from './librivox.ts';
import { patientClock } from './patient-clock.ts';
import { describeSttContract, speak } from './stt-contract.ts';

describeSttContract('pocketsphinx', () => new PocketsphinxEngine({ clock: patientClock }));

/** The children of a process. */
function childrenOf(processId: number): readonly number[] {
  const list = execFileSync('ps', ['-eo', 'ppid=,pid='], { encoding: 'utf8' });
  return list.split('\n').flatMap((line) => {
    const [parent, id] = line.trim().split(/\s+/).map(Number);
    return parent === processId && id !== undefined ? [id] : [];
  });
}

describe('PocketsphinxEngine', () => {
  const engine = new PocketsphinxEngine({ clock: patientClock });
  after(() => engine.close());

  async function open(language = 'en') {
    const log = new EventLog();
    return { log, stream: await engine.open({ language, onEvent: log.onEvent }, testSignal()) };
  }

  it('leaves fillers and pronunciation marks out of the text', async () => {
    const { log, stream } = await open('en-GB');
    speak(stream, 1, readClip(CLIPS.youngMan));
    assert.match((await log.until('final')).text, /^[a-z' ]+$/);
    await stream.close();
  });

  it('fails the stream of a leg whose process is killed, and no other', async () => {
    const server = firstOf('process with the model', await engine.processIds());
    const others = new Set(childrenOf(server));
    const one = await open();
    one.stream.startUtterance(1);
    one.stream.write(readClip(CLIPS.himself));
    await one.log.until('partial');
    const mine = firstOf(
      'process of the leg',
      childrenOf(server).filter((child) => !others.has(child)),
    );
    const two = await open();
    process.kill(mine, 'SIGKILL');
    const { error } = await one.log.until('failed');
    assert.equal('code' in error && error.code, 'engine-died');
    speak(two.stream, 1, readClip(CLIPS.himself));
    assert.match((await two.log.until('final')).text, /might even have been made/);
    await Promise.all([one.stream.close(), two.stream.close()]);
  });

  it('fails every stream when the process with the model is killed in an utterance, and opens another', async () => {
    const one = await open();
    const two = await open();
    one.stream.startUtterance(1);
    one.stream.write(readClip(CLIPS.himself));
    const server = firstOf('process with the model', await engine.processIds());
    process.kill(server, 'SIGKILL');
    await Promise.all([one.log.until('failed'), two.log.until('failed')]);
    const three = await open();
    speak(three.stream, 1, readClip(CLIPS.himself));
    assert.match((await three.log.until('final')).text, /might even have been made/);
    assert.notDeepEqual(await engine.processIds(), [server]);
  });

  it('drops the oldest audio, counted, when the recogniser cannot keep up, and still answers', async (test) => {
    const small = new PocketsphinxEngine({ clock: patientClock, backlogLimitMs: 500 });
    test.after(() => small.close());
    const log = new EventLog();
    const stream = await small.open({ language: 'en', onEvent: log.onEvent }, testSignal());
    speak(stream, 1, readClip(CLIPS.married));
    // 1,000 ms are on their way and 500 ms wait; the rest of 6,050 ms is lost.
    assert.ok(stream.droppedMs > 4_000 && stream.droppedMs < 5_000, `${stream.droppedMs} ms`);
    await log.until('final');
  });

  it('fails a stream whose recogniser has stopped answering', async (test) => {
    const clock = new FakeClock();
    const impatient = new PocketsphinxEngine({ clock, answerTimeoutMs: 300 });
    test.after(() => impatient.close());
    const log = new EventLog();
    const stream = await impatient.open({ language: 'en', onEvent: log.onEvent }, testSignal());
    // Its child is surely there once it has answered.
    speak(stream, 1, new Int16Array(1_600));
    await log.until('final');
    const server = firstOf('process with the model', await impatient.processIds());
    for (const child of childrenOf(server)) {
      process.kill(child, 'SIGSTOP');
    }
    speak(stream, 2, readClip(CLIPS.himself));
    await clock.advance(300);
    const { error } = await log.until('failed');
    assert.equal('code' in error && error.code, 'engine-timeout');
    await eventually('the end of a stopped child', 60_000, () => childrenOf(server).length === 0);
  });

  it('opens another process in the place of one that is stopped, which is killed', async (test) => {
    const clock = new FakeClock();
    const engineOfIts = new PocketsphinxEngine({ clock });
    test.after(() => engineOfIts.close());
    const open = (log: EventLog) => engineOfIts.open({ language: 'en', onEvent: log.onEvent }, testSignal());
    await (await open(new EventLog())).close();
    const server = firstOf('process with the model', await engineOfIts.processIds());
    process.kill(server, 'SIGSTOP');
    const log = new EventLog();
    const opening = open(log);
    await untilTimers(clock, 1);
    // It does not greet, and then does not end.
    await clock.advance(5_000);
    await untilTimers(clock, 1);
    await clock.advance(1_000);
    const stream = await opening;
    assert.throws(() => process.kill(server, 0), { code: 'ESRCH' });
    speak(stream, 1, readClip(CLIPS.himself));
    assert.match((await log.until('final')).text, /might even have been made/);
    await stream.close();
  });

  it('is there again when the machine has files again', async (test) => {
    const late = new PocketsphinxEngine({ clock: patientClock });
    test.after(() => late.close());
    const options = { language: 'en', onEvent: () => {} };
    const haveFiles = withoutFiles();
    test.after(haveFiles);
    assert.equal((await late.supports('en')).supported, false);
    await assert.rejects(late.open(options, testSignal()), {
      code: 'engine-start-failed',
      message: /cannot be started: spawn .* EMFILE/,
    });
    haveFiles();
    assert.equal((await late.supports('en')).supported, true);
    await (await late.open(options, testSignal())).close();
  });

  it('refuses more streams than it may have', async (test) => {
    const single = new PocketsphinxEngine({ clock: patientClock, maxStreams: 1 });
    test.after(() => single.close());
    const first = await single.open({ language: 'en', onEvent: () => {} }, testSignal());
    const options = { language: 'en', onEvent: () => {} };
    await assert.rejects(single.open(options, testSignal()), { code: 'engine-overloaded' });
    await first.close();
    await (await single.open(options, testSignal())).close();
  });

  it('leaves no process and no directory behind', async (t) => {
    // Other files of tests make such directories at the same time.
    const own = await mkdtemp(join(tmpdir(), 'engine-test-'));
    const usual = process.env.TMPDIR;
    process.env.TMPDIR = own;
    t.after(async () => {
      if (usual === undefined) {
        delete process.env.TMPDIR;
      } else {
        process.env.TMPDIR = usual;
      }
      await rm(own, { recursive: true });
    });
    const brief = new PocketsphinxEngine({ clock: patientClock });
    const left = async () => (await readdir(own)).filter((name) => name.startsWith('dragoman-stt-'));
    await brief.open({ language: 'en', onEvent: () => {} }, testSignal());
    const server = firstOf('process with the model', await brief.processIds());
    assert.equal((await left()).length, 1);
    await brief.close();
    assert.throws(() => process.kill(server, 0), { code: 'ESRCH' });
    assert.deepEqual(await left(), []);
  });
});

describe('PocketsphinxEngine while many legs come at once', () => {
  /** In the place of Python: greets one connection with each SIGUSR1, and has room for one or two that wait. */
  const SLOW = `#!/usr/bin/python3
import signal, socket, sys
held = []
def greet(*_):
    connection, _ = listener.accept()
    connection.sendall(b'{"type":"ready","pid":1}\\n')
    held.append(connection)
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[3])
listener.listen(0)
listener.settimeout(10)
signal.signal(signal.SIGUSR1, greet)
print('ready', flush=True)
sys.stdin.read()
`;

  async function slow(test: TestContext) {
    const folder = await mkdtemp(join(tmpdir(), 'engine-test-'));
    const python = join(folder, 'python');
    await writeFile(python, SLOW, { mode: 0o755 });
    const clock = new FakeClock();
    const engine = new PocketsphinxEngine({ clock, python });
    test.after(async () => {
      await engine.close();
      await rm(folder, { recursive: true });
    });
    let opened = 0;
    const open = async () => {
      const stream = await engine.open({ language: 'en', onEvent: () => {} }, testSignal());
      opened += 1;
      return stream;
    };
    /** Resolves when one more is there. */
    const greetNext = async () => {
      const before = opened;
      process.kill(firstOf('process', await engine.processIds()), 'SIGUSR1');
      await eventually('another is greeted', 20_000, () => opened > before);
    };
    return { engine, clock, open, greetNext };
  }

  it('has those wait who find no room, and ends no process for them', async (test) => {
    const { engine, clock, open, greetNext } = await slow(test);
    const all = Promise.all([open(), open(), open(), open(), open()]);
    // A timer for each who waits, be it to be greeted or to come again.
    await untilTimers(clock, 5);
    const before = await engine.processIds();
    for (let greeted = 0; greeted < 5; greeted += 1) {
      await greetNext();
      await clock.advance(50);
    }
    await all;
    assert.deepEqual(await engine.processIds(), before);
  });

  it('has each wait for as long as others have their turn', async (test) => {
    const { engine, clock, open, greetNext } = await slow(test);
    const all = Promise.all([open(), open()]);
    await untilTimers(clock, 2);
    const before = await engine.processIds();
    await clock.advance(4_000);
    await greetNext();
    await clock.advance(4_000);
    await greetNext();
    await all;
    assert.deepEqual(await engine.processIds(), before);
  });
});

describe('PocketsphinxEngine without what it needs', () => {
  let directory = '';
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'engine-test-'));
  });
  after(() => rm(directory, { recursive: true }));

  it('says what to install when Python is missing', async () => {
    const engine = new PocketsphinxEngine({ clock: patientClock, python: '/nonexistent/python3' });
    const support = await engine.supports('en');
    assert.match(support.supported ? '' : support.reason, /apt-get install python3-pocketsphinx/);
    await assert.rejects(engine.open({ language: 'en', onEvent: () => {} }, testSignal()), {
      code: 'engine-start-failed',
    });
    await engine.close();
  });

  it('is closed at once while a model is being loaded, and leaves nothing behind', async () => {
    const python = join(directory, 'stands-still');
    const said = join(directory, 'pid');
    await writeFile(python, `#!/bin/sh\necho $$ > ${said}\nexec sleep 600\n`, { mode: 0o755 });
    // Time stands still, and nothing is late by it.
    const engine = new PocketsphinxEngine({ clock: new FakeClock(), python });
    const opening = assert.rejects(engine.open({ language: 'en', onEvent: () => {} }, testSignal()), {
      code: 'closed',
    });
    const pid = await eventually('it loads', 60_000, async () => {
      const text = await readFile(said, 'utf8').catch(() => '');
      return text.endsWith('\n') ? Number(text) : undefined;
    });
    await within('its end', 60_000, engine.close());
    await opening;
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  });

  it('says what a model directory lacks, and what the recogniser said of a broken model', async () => {
    await mkdir(join(directory, 'am'), { recursive: true });
    await writeFile(join(directory, 'am', 'mdef'), 'not a model');
    const engine = new PocketsphinxEngine({ clock: patientClock, models: new Map([['xx', directory]]) });
    const lacking = await engine.supports('xx');
    assert.match(
      lacking.supported ? '' : lacking.reason,
      /lacks a language model .* and a pronunciation dictionary/,
    );
    await writeFile(join(directory, 'xx.lm'), 'not a model');
    await writeFile(join(directory, 'xx.dic'), '');
    assert.deepEqual(await engine.supports('xx'), { supported: true });
    await assert.rejects(engine.open({ language: 'xx', onEvent: () => {} }, testSignal()), {
      code: 'engine-start-failed',
      message: /did not start: .*(ERROR|FATAL|Error)/,
    });
    await engine.close();
  });

  it('passes a neural model by, which is another engine’s, and hears English by Debian’s', async () => {
    const neural = join(directory, 'neural');
    await mkdir(neural);
    await writeFile(join(neural, 'model.onnx'), '');
    const models = new Map([
      ['en', neural],
      ['es', neural],
    ]);
    const engine = new PocketsphinxEngine({ clock: patientClock, models });
    assert.deepEqual(await engine.supports('en'), { supported: true });
    const spanish = await engine.supports('es');
    assert.match(spanish.supported ? '' : spanish.reason, /has no model for es/);
    await engine.close();
  });

  it('finds the parts of a model in a flat directory as in Debian’s', async () => {
    const debian = await findModelFiles(DEBIAN_ENGLISH_MODEL);
    assert.deepEqual(debian, {
      type: 'found',
      files: {
        acousticModel: `${DEBIAN_ENGLISH_MODEL}/en-us`,
        languageModel: `${DEBIAN_ENGLISH_MODEL}/en-us.lm.bin`,
        dictionary: `${DEBIAN_ENGLISH_MODEL}/cmudict-en-us.dict`,
      },
    });
    const flat = join(directory, 'flat');
    await mkdir(flat);
    for (const name of await readdir(`${DEBIAN_ENGLISH_MODEL}/en-us`)) {
      await symlink(`${DEBIAN_ENGLISH_MODEL}/en-us/${name}`, join(flat, name));
    }
    await symlink(`${DEBIAN_ENGLISH_MODEL}/en-us.lm.bin`, join(flat, 'words.lm.bin'));
    await symlink(`${DEBIAN_ENGLISH_MODEL}/cmudict-en-us.dict`, join(flat, 'words.dic'));
    const found = await findModelFiles(flat);
    assert.equal(found.type === 'found' && found.files.acousticModel, flat);
    const missing = await findModelFiles(join(directory, 'nowhere'));
    assert.match(missing.type === 'incomplete' ? missing.reason : '', /nowhere cannot be read/);
  });
});
