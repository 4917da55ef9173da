import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Clock } from '../../src/base/clock.ts';
import { EspeakNgEngine, speakable } from '../../src/engines/tts/espeak-ng/espeak-ng-engine.ts';
import { mannerOptions, stressedText } from '../../src/engines/tts/espeak-ng/espeak-ng-manner.ts';
import { parseVoices, voiceFor } from '../../src/engines/tts/espeak-ng/espeak-ng-voices.ts';
import type { SpokenVoice } from '../../src/engines/tts/spoken-voice.ts';
import type { TtsRequest } from '../../src/engines/tts/tts-engine.ts';
import { wavHeader } from '../../src/protocol/wav.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { testSignal, untilTimers } from './events.ts';
import { patientClock } from './patient-clock.ts';
import { allSamples, describeTtsContract } from './tts-contract.ts';

describeTtsContract('espeak-ng', () => new EspeakNgEngine({ clock: patientClock }));

describe('EspeakNgEngine', () => {
  const engine = new EspeakNgEngine({ clock: patientClock });
  let directory = '';
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'engine-test-'));
  });
  after(async () => {
    await engine.close();
    await rm(directory, { recursive: true });
  });
  const request = { text: 'buenos días', language: 'es', wantedRateHz: 8_000 };

  /** An engine that runs `script` in place of the program. */
  async function broken(name: string, script: string, clock: Clock): Promise<EspeakNgEngine> {
    const program = join(directory, name);
    const voices = '[ "$1" = --voices ] && echo \' 5  es  --/M  Spanish  roa/es\' && exit 0';
    await writeFile(program, `#!/bin/sh\n${voices}\n${script}\n`);
    await chmod(program, 0o755);
    return new EspeakNgEngine({ clock, program, timeoutMs: 300 });
  }

  it('says what to install when the program is missing', async () => {
    const missing = new EspeakNgEngine({ clock: patientClock, program: '/nonexistent/espeak-ng' });
    const support = await missing.supports('es');
    assert.match(support.supported ? '' : support.reason, /apt-get install espeak-ng/);
    await assert.rejects(missing.synthesize(request, testSignal()), { code: 'engine-start-failed' });
    await assert.rejects(missing.synthesize({ ...request, voice: { name: 'es' } }, testSignal()), {
      code: 'engine-start-failed',
    });
    await missing.close();
  });

  it('refuses a voice there is not with what the program says', async () => {
    await assert.rejects(engine.synthesize({ ...request, voice: { name: 'nosuch' } }, testSignal()), {
      code: 'engine-bad-answer',
      message: /voice does not exist/,
    });
  });

  it('offers voices of men and of women in a language, all of which there are', async () => {
    const offered = await engine.choice('es');
    assert.ok(offered.length >= 5, `${offered}`);
    for (const name of offered) {
      const speech = await allSamples(await engine.synthesize({ ...request, voice: { name } }, testSignal()));
      assert.ok(speech.length > 0, name);
    }
  });

  it('takes variants of voices, and speaks slower at fewer words per minute', async () => {
    const slow = new EspeakNgEngine({ clock: patientClock, wordsPerMinute: 100 });
    const normal = await allSamples(
      await engine.synthesize({ ...request, voice: { name: 'es+f3' } }, testSignal()),
    );
    const slower = await allSamples(
      await slow.synthesize({ ...request, voice: { name: 'es+f3' } }, testSignal()),
    );
    assert.ok(slower.length > normal.length * 1.2);
    await slow.close();
  });

  it('speaks faster, louder and higher when it is told to, within what it takes', async () => {
    const heard = async (voice: SpokenVoice): Promise<readonly number[]> =>
      allSamples(await engine.synthesize({ ...request, voice }, testSignal()));
    const plain = await heard({});
    const ratio = (await heard({ speed: 1.25 })).length / plain.length;
    assert.ok(ratio > 0.72 && ratio < 0.88, `${ratio}`);
    const gainDb = levelDb(await heard({ gainDb: -6 })) - levelDb(plain);
    assert.ok(Math.abs(gainDb + 6) < 0.5, `${gainDb} dB`);
    assert.deepEqual(mannerOptions({ speed: 9, pitchSt: -9, gainDb: 9 }, 165), [
      ...['-a', '99', '-s', '330'],
      ...['-p', '20'],
    ]);
    assert.deepEqual(mannerOptions(undefined, 165), ['-a', '70', '-s', '165']);
    assert.equal((await heard({ pitchSt: 3 })).length > 0, true);
  });

  it('stresses the part of a text that it is told, and says the others as ever', async () => {
    const text = 'Quiero la casa roja & nada más <hoy>.';
    const heard = async (more: Partial<TtsRequest>): Promise<readonly number[]> =>
      allSamples(await engine.synthesize({ ...request, text, ...more }, testSignal()));
    const loudest = (samples: readonly number[]) => Math.max(...samples.map(Math.abs));
    const plain = await heard({});
    const stressed = await heard({ stressed: 'roja' });
    assert.ok(20 * Math.log10(loudest(stressed) / loudest(plain)) > 2);
    const longer = (stressed.length - plain.length) / 22_050;
    assert.ok(longer > 0 && longer < 0.4, `${longer} s longer: it reads no mark-up`);
    for (const elsewhere of ['azul', 'a', '']) {
      assert.deepEqual(await heard({ stressed: elsewhere }), plain, 'it is not there once');
    }
    assert.equal(
      stressedText('AT&T <b> aquí', 'AT&T'),
      '<prosody pitch="+15%"><emphasis level="strong">AT&amp;T</emphasis></prosody> &lt;b&gt; aquí',
    );
  });

  function levelDb(samples: readonly number[]): number {
    const square = samples.reduce((sum, sample) => sum + sample * sample, 0);
    return 10 * Math.log10(square / samples.length);
  }

  it('ends without the pause after the last word', async () => {
    const speech = await engine.synthesize(request, testSignal());
    const samples = await allSamples(speech);
    const lastSound = samples.findLastIndex((sample) => Math.abs(sample) > 100);
    assert.ok(((samples.length - lastSound) * 1_000) / speech.rateHz < 100);
  });

  it('refuses what is no WAV, nothing, failure and delay', async () => {
    const cases = [
      ['garbage', 'echo this is no sound at all, nor a header', 'engine-bad-answer'],
      ['nothing', 'exit 0', 'engine-bad-answer'],
      ['failure', 'exit 3', 'engine-bad-answer'],
      ['delay', 'exec cat /dev/zero > /dev/null', 'engine-timeout'],
    ] as const;
    for (const [name, script, code] of cases) {
      const clock = new FakeClock();
      const bad = await broken(name, script, clock);
      const refused = assert.rejects(bad.synthesize(request, testSignal()), { code }, name);
      if (code === 'engine-timeout') {
        await untilTimers(clock, 1);
        await clock.advance(300);
      }
      await refused;
      await bad.close();
    }
  });

  it('has not taken too long while we stood still', async () => {
    const clock = new FakeClock();
    const slow = await broken('slow', 'exec cat /dev/zero > /dev/null', clock);
    let over = false;
    const refused = assert
      .rejects(slow.synthesize(request, testSignal()), { code: 'engine-timeout' })
      .then(() => {
        over = true;
      });
    await untilTimers(clock, 1);
    clock.freeze(700);
    await clock.advance(0);
    assert.equal(over, false);
    await clock.advance(400);
    await refused;
    await slow.close();
  });

  it('is cut when it says more than its text can be, and the program ended', async () => {
    const header = wavHeader(22_050, 0x7fff_f000).toString('base64');
    const bad = await broken('endless', `echo ${header} | base64 -d; exec yes 12345678`, patientClock);
    const { pieces, rateHz } = await bad.synthesize(request, testSignal());
    let soundS = 0;
    const heard = (async () => {
      for await (const piece of pieces) {
        soundS += piece.length / rateHz;
      }
    })();
    await assert.rejects(heard, { code: 'engine-bad-answer', message: /ran away/ });
    assert.ok(soundS > 0 && soundS < 20, `${soundS} s`);
    await bad.close();
  });

  it('is given nothing that it would take for commands or phonemes', async () => {
    const heard = join(directory, 'heard');
    const bad = await broken('ear', `cat > ${heard}`, patientClock);
    const text = 'say [[[h@loU]]] or [\u0000[a]\u0001] \u0001240s\n[\u200b[b]] می\u200cخواهم';
    await assert.rejects(bad.synthesize({ ...request, text, voice: { name: 'es' } }, testSignal()));
    assert.equal(await readFile(heard, 'utf8'), ' say [h@loU] or [a] 240s [b] می\u200cخواهم');
    await bad.close();
  });

  it('gives its place to the next when a segment fails or is abandoned', async () => {
    const single = new EspeakNgEngine({ clock: patientClock, maxProcesses: 1, waitingLimit: 2 });
    const controller = new AbortController();
    const results = Promise.allSettled([
      single.synthesize({ ...request, voice: { name: 'nosuch' } }, testSignal()),
      single.synthesize({ ...request, voice: { name: 'es' } }, controller.signal),
      single.synthesize({ ...request, voice: { name: 'es' } }, testSignal()),
      single.synthesize({ ...request, voice: { name: 'es' } }, testSignal()),
    ]);
    controller.abort(new Error('hung up'));
    assert.deepEqual(
      (await results).map((result) =>
        result.status === 'rejected' ? (result.reason.code ?? 'aborted') : 'spoken',
      ),
      ['engine-bad-answer', 'aborted', 'spoken', 'engine-overloaded'],
    );
    await single.close();
  });
});

describe('What eSpeak NG is given', () => {
  it('has no phoneme codes and no commands in it, however they are nested', () => {
    const told: Readonly<Record<string, string>> = {
      '[[h@l@U]]': ' [h@l@U]',
      '[[[h@l@U]]]': ' [h@l@U]',
      '[ [[ [x] ]] ]': ' [x]',
      '[\0[x]\0]': ' [x]',
      'a\u0001200Pb': ' a 200Pb',
      'one\ntwo\u0085three\u001b]0;x\u0007': ' one two three ]0;x ',
      '': ' ',
    };
    for (const [text, given] of Object.entries(told)) {
      assert.equal(speakable(text), given);
      assert.doesNotMatch(speakable(text), /\[\[|\]\]/);
    }
  });
});

describe('eSpeak NG’s voices', () => {
  const list = `Pty Language       Age/Gender VoiceName          File                 Other Languages
 5  cmn             --/M      Chinese_(Mandarin,_latin_as_English) sit/cmn              (zh-cmn 5)(zh 5)
 5  en-029          --/M      English_(Caribbean) gmw/en-029           (en 10)
 2  en-gb           --/M      English_(Great_Britain) gmw/en               (en 2)
 2  en-us           --/M      English_(America)  gmw/en-US            (en 3)
 5  es              --/M      Spanish_(Spain)    roa/es
 5  es-419          --/M      Spanish_(Latin_America) roa/es-419           (es-mx 6)(es 6)
 5  fr-be           --/M      French_(Belgium)   roa/fr-BE            (fr 8)
 5  fr-fr           --/M      French_(France)    roa/fr               (fr 5)
 5  pt-br           --/M      Portuguese_(Brazil) roa/pt-BR            (pt 6)
`;

  it('reads the list', () => {
    const voices = parseVoices(list);
    assert.equal(voices.length, 9);
    assert.deepEqual(voices[0], { tag: 'cmn', others: ['zh-cmn', 'zh'] });
  });

  it('finds the voice of a language, its region first', () => {
    const voices = parseVoices(list);
    const expected = {
      'en-GB': 'en-gb',
      en: 'en-us',
      'en-NZ': 'en-us',
      es: 'es',
      'es-ES': 'es',
      'es-MX': 'es-419',
      fr: 'fr-fr',
      'pt-BR': 'pt-br',
      pt: 'pt-br',
      zh: 'cmn',
      qq: undefined,
    };
    for (const [language, tag] of Object.entries(expected)) {
      assert.equal(voiceFor(voices, language), tag, language);
    }
  });
});
