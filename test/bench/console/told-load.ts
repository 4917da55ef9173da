/**
 * A server whose calls are told and not held: as many as asked for, a third of them with somebody speaking at any time,
 * each with what a call of two tells of itself. So what is measured is the page, and what it takes to feed it.
 */

import type { Clock, Timer } from '../../../src/base/clock.ts';
import type { CallView } from '../../../src/server/server-view.ts';
import { callOf, FakeServerView } from '../../server/http/fake-server-view.ts';

/** A recogniser tells of what it hears about as often. */
const HEARD_EVERY_MS = 250;
const WORDS_A_TURN = 10;
/** Turns and the pauses between them: a third of the time is spoken. */
const TURN_EVERY_MS = 3 * WORDS_A_TURN * HEARD_EVERY_MS;
const STEPS_A_TURN = TURN_EVERY_MS / HEARD_EVERY_MS;

export class ToldLoad {
  readonly view = new FakeServerView();
  readonly #clock: Clock;
  readonly #timers = new Set<Timer>();
  #told = 0;

  constructor(calls: number, clock: Clock) {
    this.#clock = clock;
    const startedAt = clock.wallTime();
    this.view.running = Array.from({ length: calls }, (_, index) => ({
      ...callOf(`call-${index}`),
      startedAt,
    }));
    this.view.current = {
      ...this.view.current,
      legsActive: 2 * calls,
      callsActive: calls,
      maxLegs: 2 * calls,
    };
    this.view.levels = () => [Math.floor(Math.random() * 100), Math.floor(Math.random() * 100)];
  }

  /** Events that were told so far. */
  get told(): number {
    return this.#told;
  }

  /** Begins to tell, each call at a place of its own in its turn. */
  start(): void {
    this.view.running.forEach((call, index) => {
      this.#tellOn(call, Math.floor((index * STEPS_A_TURN) / this.view.running.length));
    });
  }

  stop(): void {
    for (const timer of this.#timers) {
      timer.cancel();
    }
  }

  #tellOn(call: CallView, step: number): void {
    this.#tell(call, Math.floor(step / STEPS_A_TURN), step % STEPS_A_TURN);
    const timer = this.#clock.at(this.#clock.nowMs() + HEARD_EVERY_MS, () => {
      this.#timers.delete(timer);
      this.#tellOn(call, step + 1);
    });
    this.#timers.add(timer);
  }

  #tell(call: CallView, utterance: number, step: number): void {
    const party = call.parties[utterance % 2];
    const other = call.parties[(utterance + 1) % 2];
    const atMs = this.#clock.wallTime().getTime() - call.startedAt.getTime();
    if (party === undefined || other === undefined || step > WORDS_A_TURN + 1) {
      return;
    }
    this.#told += 1;
    const about = { atMs, party: party.party, utterance };
    // When it was told, so that whoever sees it knows how late it is.
    const piiText = `${'word '.repeat(Math.min(step, WORDS_A_TURN))}@${this.#clock.wallTime().getTime()}`;
    if (step <= WORDS_A_TURN) {
      this.view.fire(call.callId, { type: 'heard', ...about, final: step === WORDS_A_TURN, piiText });
      return;
    }
    this.view.fire(call.callId, { type: 'spoken', ...about, language: other.language, piiText });
    const source = { language: party.language, piiText, startMs: atMs - 2_500, endMs: atMs - 600 };
    this.view.fire(call.callId, {
      type: 'utterance',
      atMs,
      report: {
        ...{ party: party.party, utterance, outcome: 'spoken', segments: 1, startOffsetMs: 2_500 },
        source,
        target: { language: other.language, piiText, startMs: atMs, endMs: atMs + 500 },
        stages: { endpointMs: 200, sttMs: 150, mtMs: 60, ttsMs: 150, playoutMs: 40, endToEndMs: 600 },
      },
    });
  }
}
