import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { ApertiumEngine } from '../../src/engines/mt/apertium/apertium-engine.ts';
import { testSignal } from './events.ts';
import { describeMtContract } from './mt-contract.ts';

describeMtContract('apertium', () => new ApertiumEngine({ clock: systemClock }));

/** The processes of a group running `program`. */
function stagesOf(groupId: number, program: string): readonly number[] {
  const list = execFileSync('ps', ['-eo', 'pgid=,pid=,comm='], { encoding: 'utf8' });
  return list.split('\n').flatMap((line) => {
    const [group, id, name] = line.trim().split(/\s+/);
    return Number(group) === groupId && name?.startsWith(program.slice(0, 15)) ? [Number(id)] : [];
  });
}

describe('ApertiumEngine', () => {
  const engine = new ApertiumEngine({ clock: systemClock });
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

  it('keeps unknown words without marks', async () => {
    assert.match(await translate('the Xyzzyq is red'), /(?<!\*)Xyzzyq/);
  });

  it('rejects what waits when a stage is killed, and starts anew for the next', async () => {
    await translate('yes');
    const [group = 0] = await engine.groupIds();
    const [stage = 0] = stagesOf(group, 'apertium-transfer');
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
    const impatient = new ApertiumEngine({ clock: systemClock, timeoutMs: 400 });
    test.after(() => impatient.close());
    await translate('yes', impatient);
    const [group = 0] = await impatient.groupIds();
    for (const stage of stagesOf(group, 'apertium-interchunk')) {
      process.kill(stage, 'SIGSTOP');
    }
    const [first, second] = await Promise.allSettled([
      translate('one', impatient),
      translate('two', impatient),
    ]);
    assert.equal(first.status === 'rejected' && first.reason.code, 'engine-timeout');
    assert.equal(second.status === 'rejected' && second.reason.code, 'engine-died');
    assert.match(await translate('good morning', impatient), /buenos días/i);
  });

  it('refuses more than may wait', async (test) => {
    const small = new ApertiumEngine({ clock: systemClock, waitingLimit: 2 });
    test.after(() => small.close());
    await translate('Yes', small);
    const results = await Promise.allSettled(['One', 'Two', 'Three'].map((text) => translate(text, small)));
    assert.deepEqual(
      results.map((result) => (result.status === 'rejected' ? result.reason.code : 'translated')),
      ['translated', 'translated', 'engine-overloaded'],
    );
  });

  it('leaves no process behind', async () => {
    const brief = new ApertiumEngine({ clock: systemClock });
    await translate('yes', brief);
    const [group = 0] = await brief.groupIds();
    await brief.close();
    assert.throws(() => process.kill(-group, 0), { code: 'ESRCH' });
  });

  it('says what to install, what cannot be used and what there is not', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'engine-test-'));
    await writeFile(join(directory, 'eng-fra.mode'), "lt-proc 'a.bin' | apertium-wblank-detach");
    const other = new ApertiumEngine({ clock: systemClock, modesDirectory: directory });
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
