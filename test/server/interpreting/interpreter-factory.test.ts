import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError } from '../../../src/base/errors.ts';
import { silentLog } from '../../../src/base/log.ts';
import { faultOf } from '../../../src/engines/resilience/faults.ts';
import { HealthBook } from '../../../src/engines/resilience/health-book.ts';
import { RecoverySteps } from '../../../src/engines/resilience/recovery-steps.ts';
import type { SpeechTranslator } from '../../../src/engines/s2s/speech-translator.ts';
import { SUPPORTED } from '../../../src/engines/support.ts';
import { InterpreterFactory } from '../../../src/server/interpreting/interpreter-factory.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { ScriptedMt, ScriptedStt, ScriptedTts } from '../../interpret/scripted-engines.ts';

const DIRECTION = { from: 'en', to: 'es' };
const CASCADE = {
  type: 'cascade',
  stt: [new ScriptedStt()],
  mt: [new ScriptedMt()],
  tts: [new ScriptedTts()],
} as const;
const TRANSLATOR: SpeechTranslator = {
  name: 'fused',
  speaks: true,
  supports: async () => SUPPORTED,
  open: () => Promise.reject(new AppError('engine-died', 'gone')),
  close: async () => {},
};
const FUSED = { type: 'fused', translator: TRANSLATOR, tts: undefined } as const;

function open() {
  const clock = new FakeClock();
  const health = new HealthBook(clock, { benched: () => {}, back: () => {} });
  const steps = new RecoverySteps(clock, silentLog);
  const factory = new InterpreterFactory({ clock, health, steps, usualMs: () => undefined }, () => {});
  const subject = { component: 's2s', engine: 'fused' } as const;
  const fails = (): void => {
    for (let time = 0; time < 3; time += 1) {
      health.blame(subject, faultOf(new AppError('engine-died', 'gone')), 'open');
    }
  };
  return { factory, fails, isWell: () => health.tried(subject, undefined) };
}

describe('what interprets a direction', () => {
  it('is the backup while the fused interpreter is benched, and then that again, the same as before', () => {
    const { factory, fails, isWell } = open();
    factory.use([{ direction: DIRECTION, engines: FUSED, backup: CASCADE }]);
    const fused = factory.of(DIRECTION);
    assert.equal(fused?.type, 'fused');
    fails();
    const cascade = factory.of(DIRECTION);
    assert.equal(cascade?.type, 'text');
    factory.use([{ direction: DIRECTION, engines: CASCADE, backup: CASCADE }]);
    isWell();
    assert.equal(factory.of(DIRECTION), cascade, 'it failed when it was tried');
    factory.use([{ direction: DIRECTION, engines: FUSED, backup: CASCADE }]);
    assert.equal(factory.of(DIRECTION), fused);
  });

  it('stays the fused interpreter, well or not, where there is no backup', () => {
    const { factory, fails } = open();
    factory.use([{ direction: DIRECTION, engines: FUSED }]);
    fails();
    assert.equal(factory.of(DIRECTION)?.type, 'fused');
  });
});
