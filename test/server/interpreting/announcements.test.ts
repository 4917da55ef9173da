import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Language } from '../../../src/base/language.ts';
import type { Log, LogFields } from '../../../src/base/log.ts';
import { silentLog } from '../../../src/base/log.ts';
import { Scope } from '../../../src/base/scope.ts';
import { SUPPORTED, unsupported } from '../../../src/engines/support.ts';
import { EspeakNgEngine } from '../../../src/engines/tts/espeak-ng/espeak-ng-engine.ts';
import type { TtsEngine, TtsRequest, TtsSpeech } from '../../../src/engines/tts/tts-engine.ts';
import { announcementText, openAnnouncements } from '../../../src/server/interpreting/announcements.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { patientClock } from '../../engines/patient-clock.ts';
import { never } from '../../support/waiting.ts';

const RATE_HZ = 1_000;

/** Speaks `languages`, each text for `seconds` in pieces of a second; never ends when there are none. */
class Speaker implements TtsEngine {
  readonly name = 'speaker';
  readonly requests: TtsRequest[] = [];
  readonly #languages: readonly Language[];
  readonly #seconds: number | undefined;

  constructor(languages: readonly Language[], seconds?: number) {
    this.#languages = languages;
    this.#seconds = seconds;
  }

  async supports(language: Language) {
    return this.#languages.includes(language) ? SUPPORTED : unsupported(`no ${language}`);
  }

  async synthesize(request: TtsRequest): Promise<TtsSpeech> {
    this.requests.push(request);
    return { rateHz: RATE_HZ, pieces: this.#pieces() };
  }

  async close(): Promise<void> {}

  async *#pieces(): AsyncIterable<Int16Array> {
    if (this.#seconds === undefined) {
      await new Promise(() => {});
    }
    for (let second = 0; second < (this.#seconds ?? 0); second++) {
      yield new Int16Array(RATE_HZ).fill(second + 1);
    }
  }
}

interface Opening {
  readonly announce?: ReadonlyMap<Language, string>;
  readonly announcement?: boolean;
  readonly voices?: ReadonlyMap<Language, string>;
  readonly log?: Log;
}

function open(languages: readonly Language[], speakers: readonly TtsEngine[], opening: Opening = {}) {
  return openAnnouncements(
    {
      fact: 'interpreter',
      wanted: opening.announcement ?? true,
      own: opening.announce ?? new Map(),
      voices: opening.voices ?? new Map(),
    },
    new Set(languages),
    () => speakers,
    new FakeClock(),
    opening.log ?? silentLog,
    never(),
  );
}

/** Keeps the fields of warnings. */
function warnings(): { readonly log: Log; readonly kept: LogFields[] } {
  const kept: LogFields[] = [];
  const log: Log = { ...silentLog, warn: (fields) => kept.push(fields), child: () => log };
  return { log, kept };
}

describe('announcementText', () => {
  it('is ours, of the region first', () => {
    assert.match(announcementText('en', new Map(), 'interpreter') ?? '', /machine/);
    assert.notEqual(
      announcementText('pt-BR', new Map(), 'interpreter'),
      announcementText('pt', new Map(), 'interpreter'),
    );
    assert.equal(
      announcementText('pt-PT', new Map(), 'interpreter'),
      announcementText('pt', new Map(), 'interpreter'),
    );
    assert.equal(announcementText('tlh', new Map(), 'interpreter'), undefined);
    assert.match(announcementText('en', new Map(), 'recording') ?? '', /recorded/);
  });

  it("is the operator's, where there is one", () => {
    const own = new Map([
      ['pt', 'Olá'],
      ['tlh', 'nuqneH'],
    ]);
    assert.equal(announcementText('pt-BR', own, 'interpreter'), 'Olá');
    assert.equal(announcementText('tlh', own, 'interpreter'), 'nuqneH');
    assert.match(announcementText('en', own, 'interpreter') ?? '', /machine/);
  });
});

describe('openAnnouncements', () => {
  it('keeps the sound of each language, said once, with the chosen voice', async () => {
    const speaker = new Speaker(['en', 'es'], 3);
    const book = await open(['en', 'es'], [speaker], { voices: new Map([['es', 'anna']]) });
    for (const language of ['en', 'es']) {
      const announcement = book.get(language);
      assert.equal(announcement?.rateHz, RATE_HZ);
      assert.deepEqual([announcement?.pcm.length, announcement?.pcm.at(-1)], [3 * RATE_HZ, 3]);
    }
    assert.deepEqual(
      speaker.requests.map(({ language, voice }) => [language, voice?.name]),
      [
        ['en', undefined],
        ['es', 'anna'],
      ],
    );
  });

  it('takes the first engine that speaks the language', async () => {
    const [first, second] = [new Speaker(['en'], 1), new Speaker(['es'], 1)];
    const book = await open(['es'], [first, second]);
    assert.ok(book.get('es') !== undefined);
    assert.deepEqual([first.requests.length, second.requests.length], [0, 1]);
  });

  it('says nothing when it is off, and nothing in a language without a text', async () => {
    const speaker = new Speaker(['en', 'tlh'], 1);
    assert.equal((await open(['en'], [speaker], { announcement: false })).get('en'), undefined);
    assert.equal((await open(['tlh'], [speaker])).get('tlh'), undefined);
    assert.equal(speaker.requests.length, 0);
  });

  it('warns and goes on where nothing speaks it, nothing is heard, or it lasts too long', async () => {
    for (const [speaker, reason] of [
      [new Speaker(['es'], 1), /no synthesis engine speaks en/],
      [new Speaker(['en', 'es'], 0), /gave no sound/],
      [new Speaker(['en', 'es'], 16), /longer than 15 s: write a shorter text with --announce/],
    ] as const) {
      const { log, kept } = warnings();
      const book = await open(['en'], [speaker], { log });
      assert.equal(book.get('en'), undefined);
      assert.equal(kept.length, 1);
      assert.match(String(kept[0]?.reason), reason);
      assert.equal(kept[0]?.language, 'en');
    }
    assert.equal((await open(['en'], [new Speaker(['en'], 15)])).get('en')?.pcm.length, 15 * RATE_HZ);
  });

  it('does not wait for an engine for ever', async () => {
    const clock = new FakeClock();
    const { log, kept } = warnings();
    const config = { fact: 'interpreter', wanted: true, own: new Map(), voices: new Map() } as const;
    const { signal } = new AbortController();
    const stuck = new Speaker(['en']);
    const opening = openAnnouncements(config, new Set(['en']), () => [stuck], clock, log, signal);
    await clock.advance(30_000);
    assert.equal((await opening).get('en'), undefined);
    assert.match(String(kept[0]?.reason), /it took longer than 10 s/);
  });

  it('gives up when the start is given up', async () => {
    const controller = new AbortController();
    const config = { fact: 'interpreter', wanted: true, own: new Map(), voices: new Map() } as const;
    const stuck = new Speaker(['en']);
    const opening = openAnnouncements(
      config,
      new Set(['en']),
      () => [stuck],
      new FakeClock(),
      silentLog,
      controller.signal,
    );
    controller.abort(new Error('asked to end'));
    await assert.rejects(opening, /asked to end/);
  });

  it('has texts of under 4 s, where eSpeak NG speaks them', async () => {
    const engine = new EspeakNgEngine({ clock: patientClock });
    const config = { fact: 'interpreter', wanted: true, own: new Map(), voices: new Map() } as const;
    const languages = new Set(['en', 'es', 'fr', 'de', 'it', 'pt', 'nl', 'ca', 'pl', 'ru', 'tr', 'sv']);
    const { signal } = new Scope(() => {});
    const book = await openAnnouncements(config, languages, () => [engine], patientClock, silentLog, signal);
    for (const language of languages) {
      const { pcm, rateHz } = book.get(language) ?? { pcm: new Int16Array(0), rateHz: 1 };
      assert.ok(pcm.length > rateHz && pcm.length < 4 * rateHz, `${language}: ${pcm.length / rateHz} s`);
    }
    await engine.close();
  });
});
