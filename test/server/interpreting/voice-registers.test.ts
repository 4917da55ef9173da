import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { VoiceRegisters, type VoiceSettings } from '../../../src/server/interpreting/voice-registers.ts';
import { KeptLog } from '../../call/scripted-legs.ts';
import { patientClock } from '../../engines/patient-clock.ts';
import { never } from '../../support/waiting.ts';
import { Choir } from './choir.ts';

function registers(settings: Partial<VoiceSettings> = {}) {
  const log = new KeptLog();
  const all = { ttsVoices: new Map(), voiceChoice: new Map(), ...settings };
  const book = new VoiceRegisters(all, patientClock, log);
  /** What is known of a language: which engine, which voice, and whether it is as high as its name says. */
  const known = (language: string): readonly string[] =>
    book.of(language).map(({ engine, ref, hz }) => {
      const near = Math.abs(12 * Math.log2(hz / Number(ref))) < 2;
      return `${engine} ${ref}${near ? '' : ` heard at ${hz}`}`;
    });
  return { book, log, known };
}

describe('the registers of voices', () => {
  it('are measured of those that an engine offers, where none is named', async () => {
    const { book, known } = registers();
    const engine = new Choir('one', ['100', '220']);
    assert.equal(await book.learn('es', [engine], never()), true);
    assert.deepEqual(known('es'), ['one 100', 'one 220']);
    assert.deepEqual(known('en'), []);
    assert.match(engine.asked[0]?.text ?? '', /máquina/, 'a sentence of the language');
  });

  it('are measured of the voices that are written, for each engine that has them, best first', async () => {
    const { book, known } = registers({
      ttsVoices: new Map([['es', '150']]),
      voiceChoice: new Map([['es', ['90', '150']]]),
    });
    const engines = [new Choir('best', ['300', '310']), new Choir('backup')];
    await book.learn('es', engines, never());
    assert.deepEqual(known('es'), ['best 150', 'best 90', 'backup 150', 'backup 90']);
    await book.learn('es', engines.reverse(), never());
    assert.deepEqual(known('es')[0], 'backup 150', 'it has become the best');
  });

  it('are nothing to choose from where one voice is named, and nobody is asked to speak', async () => {
    const { book, known } = registers({ ttsVoices: new Map([['es', '150']]) });
    const engine = new Choir('one', ['100', '220']);
    assert.equal(await book.learn('es', [engine], never()), false);
    assert.deepEqual([known('es'), engine.asked], [[], []]);
  });

  it('are asked for once of each engine and language', async () => {
    const { book } = registers();
    const engine = new Choir('one', ['100', '220']);
    await book.learn('es', [engine], never());
    assert.equal(await book.learn('es', [engine], never()), false);
    assert.equal(engine.asked.length, 2);
  });

  it('leave out a voice that an engine has not, or that has no pitch, and say so', async () => {
    const { book, log, known } = registers({ voiceChoice: new Map([['es', ['100', 'nobody', 'mute']]]) });
    assert.equal(await book.learn('es', [new Choir('one')], never()), true);
    assert.deepEqual(known('es'), ['one 100']);
    assert.deepEqual(
      log.lines.filter(({ level }) => level === 'warn').map(({ voice, reason }) => [voice, reason]),
      [
        ['nobody', 'there is no voice nobody'],
        ['mute', 'nothing in its sentence has a pitch'],
      ],
    );
  });

  it('are given up with the signal', async () => {
    const { book } = registers();
    const reason = new Error('the service ends');
    await assert.rejects(book.learn('es', [new Choir('one', ['x', 'y'])], AbortSignal.abort(reason)), reason);
  });
});
