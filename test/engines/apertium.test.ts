import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { ApertiumEngine } from '../../src/engines/mt/apertium/apertium-engine.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { firstOf } from '../support/processes.ts';
import { testSignal, untilTimers } from './events.ts';
import { describeMtContract } from './mt-contract.ts';
import { patientClock } from './patient-clock.ts';

describeMtContract('apertium', () => new ApertiumEngine({ clock: patientClock }));

/** The processes of a group running `program`. */
function stagesOf(groupId: number, program: string): readonly number[] {
  const list = execFileSync('ps', ['-eo', 'pgid=,pid=,comm='], { encoding: 'utf8' });
  return list.split('\n').flatMap((line) => {
    const [group, id, name] = line.trim().split(/\s+/);
    return Number(group) === groupId && name?.startsWith(program.slice(0, 15)) ? [Number(id)] : [];
  });
}

describe('ApertiumEngine', () => {
  const engine = new ApertiumEngine({ clock: patientClock });
  after(() => engine.close());
  const translate = (text: string, using = engine): Promise<string> =>
    using.translate({ text, from: 'en', to: 'es', context: [] }, testSignal());

  it('gives lower-case transcripts the capitals they need', async () => {
    assert.equal(await translate('i would like to book a room'), 'Me gustaría reservar una sala');
    assert.equal(await translate('monday morning'), 'Mañana de lunes');
  });

  it('leaves the final mark out of the translation and puts it back', async () => {
    assert.equal(await translate('what do you want to drink?'), 'Qué quieres beber?');
    assert.equal(await translate('...'), '...');
  });

  it('takes what goes on in a sentence for no beginning', async () => {
    const within = (text: string): Promise<string> =>
      engine.translate({ text, from: 'en', to: 'es', context: [], midSentence: true }, testSignal());
    assert.match(await translate('that the bill is right'), /^Aquello la factura es /);
    assert.match(await within('that the bill is right.'), /^que la factura es .*[^.]\.$/);
    assert.equal(await within('in this room'), 'en esta sala');
    assert.equal(await within('Anna came'), 'Anna vino');
    assert.equal(await within('monday morning'), 'mañana de lunes');
    assert.equal(await within('10 tickets, please'), await translate('10 tickets, please'));
    assert.equal(await within('...'), '...');
  });

  it('keeps unknown words without marks', async () => {
    assert.match(await translate('the Xyzzyq is red'), /(?<!\*)Xyzzyq/);
  });

  it('rejects what waits when a stage is killed, and starts anew for the next', async () => {
    await translate('yes');
    const group = firstOf('pipeline', await engine.groupIds());
    const stage = firstOf('stage that transfers', stagesOf(group, 'apertium-transfer'));
    // Stopped first, so that the requests are surely waiting when it dies.
    process.kill(stage, 'SIGSTOP');
    const waiting = Promise.allSettled([translate('The red house'), translate('The blue house')]);
    await engine.supports('en', 'es');
    process.kill(stage, 'SIGKILL');
    for (const result of await waiting) {
      assert.equal(result.status === 'rejected' && result.reason.code, 'engine-died');
    }
    assert.match(await translate('good morning'), /buenos días/i);
    assert.notDeepEqual(await engine.groupIds(), [group]);
  });

  it('gives up on a pipeline that does not answer in time', async (test) => {
    const clock = new FakeClock();
    const impatient = new ApertiumEngine({ clock, timeoutMs: 400 });
    test.after(() => impatient.close());
    await translate('Yes', impatient);
    // It is looked after, and nothing else.
    assert.equal(clock.pendingTimers, 1);
    const group = firstOf('pipeline', await impatient.groupIds());
    for (const stage of stagesOf(group, 'apertium-interchunk')) {
      process.kill(stage, 'SIGSTOP');
    }
    const waiting = Promise.allSettled([translate('One', impatient), translate('Two', impatient)]);
    await untilTimers(clock, 2);
    await clock.advance(400);
    const [first, second] = await waiting;
    // A stopped stage takes no hint: it is killed after a while.
    await clock.advance(500);
    assert.equal(first.status === 'rejected' && first.reason.code, 'engine-timeout');
    assert.equal(second.status === 'rejected' && second.reason.code, 'engine-died');
    assert.match(await translate('good morning', impatient), /buenos días/i);
  });

  it('finds one that is stopped while nobody needs it, and loads another', async (test) => {
    const clock = new FakeClock();
    const idle = new ApertiumEngine({ clock, loadLimitMs: 3_000 });
    test.after(() => idle.close());
    await translate('Yes', idle);
    const group = firstOf('pipeline', await idle.groupIds());
    for (const stage of stagesOf(group, 'apertium-interchunk')) {
      process.kill(stage, 'SIGSTOP');
    }
    await clock.advance(30_000);
    // The two that are asked, and the next look.
    await untilTimers(clock, 2);
    await clock.advance(3_000);
    // A stopped stage takes no hint: it is killed after a while.
    await clock.advance(500);
    const signal = testSignal();
    while ((await idle.groupIds())[0] === group) {
      signal.throwIfAborted();
      await clock.settle();
    }
    assert.match(await translate('good morning', idle), /buenos días/i);
  });

  it('does not count its loading against the first request, but against a limit of its own', async (test) => {
    const directory = await mkdtemp(join(tmpdir(), 'engine-test-'));
    const gate = join(directory, 'gate');
    execFileSync('mkfifo', [gate]);
    // A pair that loads when something is written into the gate: its first stage reads a dictionary there.
    await writeFile(join(directory, 'eng-spa.mode'), `lt-proc '${gate}'`);
    const clock = new FakeClock();
    const slow = new ApertiumEngine({ clock, modesDirectory: directory, timeoutMs: 400, loadLimitMs: 5_000 });
    test.after(async () => {
      await slow.close();
      await rm(directory, { recursive: true });
    });
    let over = false;
    const late = assert.rejects(translate('Yes', slow), { code: 'engine-timeout' }).then(() => {
      over = true;
    });
    await untilTimers(clock, 3);
    await clock.advance(4_999);
    assert.equal(over, false);
    // And 500 ms on, a stage that began after it was told to end is killed.
    await clock.advance(1 + 500);
    await late;
  });

  it('refuses more than may wait', async (test) => {
    const small = new ApertiumEngine({ clock: patientClock, waitingLimit: 2 });
    test.after(() => small.close());
    await translate('Yes', small);
    const results = await Promise.allSettled(['One', 'Two', 'Three'].map((text) => translate(text, small)));
    assert.deepEqual(
      results.map((result) => (result.status === 'rejected' ? result.reason.code : 'translated')),
      ['translated', 'translated', 'engine-overloaded'],
    );
  });

  it('leaves no process behind', async () => {
    const brief = new ApertiumEngine({ clock: patientClock });
    await translate('yes', brief);
    const group = firstOf('pipeline', await brief.groupIds());
    await brief.close();
    assert.throws(() => process.kill(-group, 0), { code: 'ESRCH' });
  });

  it('says what to install, what cannot be used and what there is not', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'engine-test-'));
    await writeFile(join(directory, 'eng-fra.mode'), "lt-proc 'a.bin' | apertium-wblank-detach");
    const other = new ApertiumEngine({ clock: patientClock, modesDirectory: directory });
    const reason = async (from: string, to: string): Promise<string> => {
      const support = await other.supports(from, to);
      return support.supported ? 'supported' : support.reason;
    };
    assert.match(await reason('en', 'es'), /apt-get install apertium apertium-eng-spa$/);
    assert.match(await reason('pt-BR', 'es'), /apertium-es-pt$/);
    assert.match(await reason('en', 'fr'), /apertium-wblank-detach cannot run/);
    assert.match(await reason('ja', 'ko'), /no pair from ja to ko$/);
    await assert.rejects(other.translate({ text: 'x', from: 'ja', to: 'ko', context: [] }, testSignal()), {
      code: 'language-unsupported',
    });
    await other.close();
    await rm(directory, { recursive: true });
  });
});
