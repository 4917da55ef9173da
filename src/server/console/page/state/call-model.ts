/**
 * One call as the page knows it: a signal for each thing that changes by itself, so that what changes often (a level, who
 * speaks) draws nothing but its own cell. Fed by events and by what was asked for; knows nothing of the page or the wire.
 */

import { batch, computed, type ReadonlySignal, signal } from '@preact/signals';
import type { CallEvent, UtteranceReport } from '../../../../call/call-events.ts';
import type { PartyState } from '../../../../call/leg-states.ts';
import type { ShownCall } from '../../../http/api/call-schemas.ts';
import { CaptionBook, type CaptionLine } from './caption-book.ts';
import { type Trouble, troubleOf } from './trouble.ts';

/** Happenings kept of a call. */
const MOST_HAPPENINGS = 100;
/** How many utterances back a failure is still shown as the call's trouble. */
const TROUBLED_UTTERANCES = 3;

type ShownParty = ShownCall['parties'][number];

/** A party as the page knows it; what events do not say is known once the server has listed it. */
export type PartyFacts = Pick<ShownParty, 'party' | 'name' | 'language' | 'state'> &
  Partial<Pick<ShownParty, 'muted'>>;

/** What a call is to be, as it is now. */
export interface CallPlanFacts {
  readonly mode?: ShownCall['mode'] | undefined;
  /** False: nothing is translated for a while. */
  readonly translating?: boolean | undefined;
  readonly policy?: ShownCall['policy'] | undefined;
  readonly original?: ShownCall['original'] | undefined;
}

export class PartyModel {
  readonly id: string;
  readonly facts;
  /** 0 to 1. */
  readonly level = signal(0);
  readonly speaking = signal(false);
  /** What waits to be heard by it, in ms. */
  readonly backlogMs = signal(0);

  constructor(facts: PartyFacts) {
    this.id = facts.party;
    this.facts = signal(facts);
  }
}

/** The latest that was said in a call, and what became of it. */
export interface LatestWords {
  readonly language: string;
  readonly said: string;
  readonly renderings: readonly { readonly language: string; readonly text: string }[];
}

/** Something in the life of a call that is no speech. */
export interface Happening {
  /** In ms since the call began. */
  readonly atMs: number;
  readonly sentence: string;
  readonly troubling: boolean;
}

export class CallModel {
  readonly id: string;
  /** When it began, on the reader's clock. */
  readonly startedAtMs: number;
  /** Those who are there, in the order in which they came. */
  readonly parties = signal<readonly PartyModel[]>([]);
  /** Those who were there, too. */
  readonly everybody = signal<readonly PartyModel[]>([]);
  readonly latest = signal<LatestWords | undefined>(undefined);
  readonly lines = signal<readonly CaptionLine[]>([]);
  readonly happenings = signal<readonly Happening[]>([]);
  /** How late the latest utterance was heard, in ms. */
  readonly lagMs = signal<number | undefined>(undefined);
  readonly plan = signal<CallPlanFacts>({});
  /** Counts what happens that the server has to be asked about: who takes part, what it is to be. */
  readonly changes = signal(0);
  /** The version that is shown, for who changes it; 0 until the server has said how it is. */
  version = 0;
  /** When it ended, by the server's clock; undefined while it runs. */
  readonly endedAt = signal<number | undefined>(undefined);
  /** How long it lasted, in ms; 0 while it runs. */
  readonly lastedMs = signal(0);
  readonly backlogMs = computed(() => Math.max(0, ...this.parties.value.map((each) => each.backlogMs.value)));
  readonly trouble: ReadonlySignal<Trouble | undefined> = computed(() =>
    troubleOf({
      parties: this.parties.value.map(({ facts }) => facts.value),
      plan: this.plan.value,
      lateMs: Math.max(this.lagMs.value ?? 0, this.backlogMs.value),
      failed: this.#outcomes.value.includes('failed'),
    }),
  );
  readonly #book = new CaptionBook();
  /** What became of the latest utterances, newest last. */
  readonly #outcomes = signal<readonly UtteranceReport['outcome'][]>([]);

  constructor(id: string, startedAtMs: number) {
    this.id = id;
    this.startedAtMs = startedAtMs;
  }

  /** The languages that are spoken in it, in the order in which they came. */
  get languages(): readonly string[] {
    return [...new Set(this.everybody.value.map(({ facts }) => facts.value.language))];
  }

  /** The party of this id; undefined where nothing is known of it. */
  partyOf(id: string): PartyModel | undefined {
    return this.everybody.value.find((party) => party.id === id);
  }

  /** The server says how it is now; what it has said before that and comes later is left aside. */
  show(call: ShownCall): void {
    const { version, parties, mode, translating, policy, original, endedAt, durationMs, utterances } = call;
    if (version < this.version) {
      return;
    }
    this.version = version;
    batch(() => {
      for (const party of parties) {
        this.#place(party);
      }
      const ended = endedAt !== undefined;
      this.parties.value = ended ? [] : parties.flatMap(({ party }) => this.partyOf(party) ?? []);
      this.plan.value = { mode, translating, policy, original };
      this.endedAt.value = ended ? Date.parse(endedAt) : undefined;
      this.lastedMs.value = ended ? (durationMs ?? 0) : 0;
      this.lagMs.value ??= utterances?.lagMs;
    });
  }

  /** Something happens in the call. */
  hear(event: CallEvent): void {
    batch(() => {
      this.#hear(event);
      if (CHANGES.has(event.type)) {
        this.changes.value += 1;
      }
    });
  }

  #hear(event: CallEvent): void {
    switch (event.type) {
      case 'party-state': {
        const { party, name, language, state, atMs } = event;
        this.#place({ party, name, language, state });
        this.parties.value = this.everybody.value.filter(({ facts }) => facts.value.state !== 'DISCONNECTED');
        this.#note(atMs, `${name} ${STATE_SENTENCES[state]}`, state === 'ERROR');
        break;
      }
      case 'heard':
      case 'spoken':
        this.#write(event);
        break;
      case 'uninterpreted':
        this.#note(
          event.atMs,
          `${this.#nameOf(event.party)} was not interpreted into ${event.language}`,
          true,
        );
        this.#remember('failed');
        break;
      case 'utterance':
        this.#report(event.report, event.atMs);
        this.#write(event);
        break;
      case 'party-changed': {
        const { party, name, language, atMs } = event;
        const known = this.partyOf(party)?.facts.value;
        this.#place({ party, name, language, state: known?.state ?? 'IDLE' });
        this.#note(atMs, `${known?.name ?? party} is ${name} now, in ${language}`, false);
        break;
      }
      case 'party-unattended':
        this.#note(event.atMs, `nobody has come to the place of ${event.name}`, false);
        break;
      case 'call-changed': {
        const { mode, translating, policy, original, atMs } = event;
        this.plan.value = { mode, translating, policy, original };
        const interpreted = translating ? `mode ${mode}` : 'translation off';
        this.#note(
          atMs,
          `the call is changed: ${interpreted}, policy ${policy}, own voices ${original}`,
          false,
        );
        break;
      }
      case 'resumed':
        this.#note(event.atMs, 'the call goes on at this node: the one it was at is gone', true);
        break;
      case 'saying': {
        const { party, state, reason, atMs } = event;
        const why = reason === undefined ? '' : `: ${reason}`;
        this.#note(atMs, `what ${this.#nameOf(party)} is to be told is ${state}${why}`, state === 'dropped');
        break;
      }
      case 'recording-full':
        this.#note(
          event.atMs,
          event.full ? 'not recorded: the disk is full' : 'recorded again: the disk has room',
          event.full,
        );
        break;
      case 'recording':
        this.#note(event.atMs, `recording is ${event.state}`, false);
        break;
      case 'listened': {
        const { by, party, state, atMs } = event;
        this.#note(
          atMs,
          `${by} ${state === 'began' ? 'listens' : 'has stopped listening'} to ${this.#nameOf(party)}`,
          false,
        );
        break;
      }
      case 'key':
        this.#note(event.atMs, `${this.#nameOf(event.party)} pressed a key`, false);
        break;
      case 'ended':
        this.lastedMs.value = event.atMs;
        this.parties.value = [];
        this.#note(event.atMs, 'the call is over', false);
        break;
      default:
        event satisfies never;
    }
  }

  #place(facts: PartyFacts): void {
    const known = this.partyOf(facts.party);
    if (known === undefined) {
      this.everybody.value = [...this.everybody.value, new PartyModel(facts)];
    } else {
      known.facts.value = { ...known.facts.value, ...facts };
    }
  }

  #write(event: Parameters<CaptionBook['add']>[0]): void {
    const line = this.#book.add(event);
    this.lines.value = this.#book.lines;
    if (line === this.#book.lines.at(-1)) {
      this.latest.value = {
        language: this.partyOf(line.party)?.facts.value.language ?? '',
        said: line.said,
        renderings: latestRenderings(line),
      };
    }
  }

  #report(report: UtteranceReport, atMs: number): void {
    const { outcome, party, target, stages } = report;
    if (outcome === 'failed' || outcome === 'not-played') {
      const what = outcome === 'failed' ? 'could not be interpreted' : 'was not played';
      this.#note(atMs, `an utterance of ${this.#nameOf(party)} ${what} in ${target.language}`, true);
    }
    if (outcome !== 'nothing-said' && outcome !== 'left-alone') {
      this.#remember(outcome);
    }
    if (stages.endToEndMs !== undefined) {
      this.lagMs.value = Math.max(0, stages.endToEndMs);
    }
  }

  #remember(outcome: UtteranceReport['outcome']): void {
    this.#outcomes.value = [...this.#outcomes.value, outcome].slice(-TROUBLED_UTTERANCES);
  }

  #note(atMs: number, sentence: string, troubling: boolean): void {
    const before = this.happenings.value;
    if (!before.some((each) => each.atMs === atMs && each.sentence === sentence)) {
      // What is told again out of a record comes after what is live.
      const index = before.findLastIndex((each) => each.atMs <= atMs) + 1;
      this.happenings.value = before
        .toSpliced(index, 0, { atMs, sentence, troubling })
        .slice(-MOST_HAPPENINGS);
    }
  }

  #nameOf(party: string): string {
    return this.partyOf(party)?.facts.value.name ?? party;
  }
}

/** Events that go with another version of the call, perhaps. */
const CHANGES: ReadonlySet<CallEvent['type']> = new Set([
  'party-state',
  'party-changed',
  'call-changed',
  'recording',
]);

/** What a party does in each state, after its name. */
const STATE_SENTENCES: Readonly<Record<PartyState, string>> = {
  IDLE: 'has connected',
  RINGING: 'waits for somebody to talk with',
  CONNECTED: 'hears the others as they are',
  TRANSLATING: 'is interpreted',
  SUSPENDED: 'is on hold',
  DETACHED: 'has lost its leg; its place is kept for a while',
  REATTACHING: 'comes back by another leg',
  DISCONNECTING: 'is being hung up',
  DISCONNECTED: 'has left',
  ERROR: 'is cut off by a fault',
};

function latestRenderings(line: CaptionLine): LatestWords['renderings'] {
  const languages = new Set(line.segments.map(({ language }) => language));
  return [...languages].map((language) => ({
    language,
    text: line.segments
      .filter((segment) => segment.language === language)
      .map(({ text }) => text)
      .join(' '),
  }));
}
