/**
 * All that the page knows: the calls that run and those that ended, engines, what was done so that calls go on. Fed by
 * the API's events and lists; views read its signals.
 */

import { batch, computed, signal } from '@preact/signals';
import type { z } from 'zod';
import type { CallEvent } from '../../../../call/call-events.ts';
import type { ShownAccess } from '../../../http/api/access-routes.ts';
import type { ShownCall } from '../../../http/api/call-schemas.ts';
import type { ENGINE_LIST } from '../../../http/api/engine-routes.ts';
import type { ShownNodes } from '../../../http/api/shared-schemas.ts';
import type { ServiceStatus } from '../../../http/service-status.ts';
import { CallModel, type PartyModel } from './call-model.ts';
import { LagWindow } from './lag-window.ts';

/** Calls kept after their end; the server keeps as many. */
const MOST_ENDED = 50;
/** Steps of recovery kept. */
const MOST_STEPS = 50;
/** A step that is listed, and one that is heard of, are one step when so little time is between them, in ms. */
const SAME_STEP_MS = 1_000;
/** Added to the level of a party that speaks, in the stream of levels. */
const SPEAKING = 128;

/** Whose level it is: a party that may be heard of before its call is, or before it has come to it. */
interface LevelRow {
  readonly id: string;
  readonly party: string;
  model: PartyModel | undefined;
}

/** Something that was done so that calls go on. */
export interface RecoveryStep {
  readonly at: string;
  readonly component: ShownEngine['component'];
  readonly tier: string;
  readonly engine: string;
  readonly to?: string;
  readonly success: boolean;
  readonly tookMs: number;
  readonly code: string;
}

/** What was done so far, as the server has counted it. */
export interface RecoveryStats {
  readonly recoveries: readonly Readonly<Record<string, string | number>>[];
  /** Oldest first. */
  readonly latest: readonly RecoveryStep[];
}

export type ShownEngine = z.infer<typeof ENGINE_LIST>['engines'][number];

export class ConsoleModel {
  /** Those that run, in the order in which they began. */
  readonly calls = signal<readonly CallModel[]>([]);
  /** The latest end first. */
  readonly ended = signal<readonly CallModel[]>([]);
  readonly steps = signal<readonly RecoveryStep[]>([]);
  readonly recoveries = signal<RecoveryStats['recoveries']>([]);
  /** Undefined until the server has said it. */
  readonly status = signal<ServiceStatus | undefined>(undefined);
  readonly engines = signal<readonly ShownEngine[]>([]);
  /** Those that serve together; undefined until the server has said it. */
  readonly nodes = signal<ShownNodes | undefined>(undefined);
  /** Why {@link nodes} are as they were before; undefined: they are as the server has said last. */
  readonly nodesUnheard = signal<string | undefined>(undefined);
  /** What the reader may do here; undefined until the server has said it. */
  readonly access = signal<ShownAccess | undefined>(undefined);
  /** What the reader's clock shows, for what grows while one looks; moved once a second. */
  readonly nowMs = signal(0);
  readonly lagP95Ms = signal<number | undefined>(undefined);
  readonly troubled = computed(() => this.calls.value.filter(({ trouble }) => trouble.value !== undefined));
  readonly #lags = new LagWindow();
  /** Whose levels the numbers are, in their order. */
  #rows: readonly LevelRow[] = [];

  /** A call that runs or has ended, by its id. */
  find(id: string): CallModel | undefined {
    return this.calls.value.find((call) => call.id === id) ?? this.ended.value.find((call) => call.id === id);
  }

  /**
   * The server says which calls there are: those that run in the order in which they began, the rest latest end first.
   * @param nowMs what the reader's clock shows, which need not be right.
   */
  list(shown: readonly ShownCall[], nowMs: number): void {
    batch(() => {
      const known = new Map([...this.calls.value, ...this.ended.value].map((call) => [call.id, call]));
      // Nobody has come yet to one that is registered only.
      const begun = shown.filter(({ state }) => state !== 'registered');
      const models = begun.map((each) => {
        const call = known.get(each.call) ?? new CallModel(each.call, nowMs - (each.durationMs ?? 0));
        call.show(each);
        return call;
      });
      this.calls.value = models.filter(({ endedAt }) => endedAt.value === undefined);
      this.ended.value = models.filter(({ endedAt }) => endedAt.value !== undefined);
    });
  }

  /** Something happens in a call. @param nowMs what the reader's clock shows. */
  hear(id: string, { at, ...event }: CallEvent & { readonly at: string }, nowMs: number): void {
    batch(() => {
      const call = this.find(id) ?? this.#begin(id, nowMs - event.atMs);
      call.hear(event);
      if (event.type === 'utterance' && event.report.stages.endToEndMs !== undefined) {
        this.#lags.add(event.report.stages.endToEndMs);
        this.lagP95Ms.value = this.#lags.p95Ms;
      }
      if (event.type === 'ended') {
        call.endedAt.value = Date.parse(at);
        this.calls.value = this.calls.value.filter((each) => each !== call);
        this.ended.value = [call, ...this.ended.value.filter((each) => each !== call)].slice(0, MOST_ENDED);
      }
    });
  }

  /** How the service is as a whole, and its engines. */
  service(status: ServiceStatus, engines: readonly ShownEngine[]): void {
    batch(() => {
      this.status.value = status;
      this.engines.value = engines;
    });
  }

  /** How one engine is now. */
  showEngine(engine: ShownEngine): void {
    this.engines.value = this.engines.value.map((each) =>
      each.component === engine.component && each.engine === engine.engine ? engine : each,
    );
  }

  /** How the nodes are that serve together. */
  showNodes(nodes: ShownNodes): void {
    batch(() => {
      this.nodes.value = nodes;
      this.nodesUnheard.value = undefined;
    });
  }

  /** Something was done so that calls go on. */
  recovered(step: RecoveryStep): void {
    // What is heard while the list is on its way may be in it.
    if (this.steps.value.some((known) => isSameStep(known, step))) {
      return;
    }
    this.steps.value = [step, ...this.steps.value].slice(0, MOST_STEPS);
  }

  /** What had been done before anybody listened. */
  recoveredBefore(latest: readonly RecoveryStep[], counts: RecoveryStats['recoveries']): void {
    batch(() => {
      this.steps.value = latest.toReversed().slice(0, MOST_STEPS);
      this.recoveries.value = counts;
    });
  }

  /** From now on {@link hearLevels} is about these parties. */
  nameRows(rows: readonly (readonly [id: string, parties: readonly string[]])[]): void {
    this.#rows = rows.flatMap(([id, parties]) => parties.map((party) => ({ id, party, model: undefined })));
  }

  /** Two numbers a party: its level, with 128 more while it speaks, and what waits for it in tenths of a second. */
  hearLevels(numbers: readonly number[]): void {
    batch(() => {
      this.#rows.forEach((row, index) => {
        row.model ??= this.find(row.id)?.partyOf(row.party);
        if (row.model !== undefined) {
          const level = numbers[2 * index] ?? 0;
          row.model.speaking.value = level >= SPEAKING;
          row.model.level.value = (level % SPEAKING) / 100;
          row.model.backlogMs.value = 100 * (numbers[2 * index + 1] ?? 0);
        }
      });
    });
  }

  #begin(id: string, startedAtMs: number): CallModel {
    const call = new CallModel(id, startedAtMs);
    this.calls.value = [...this.calls.value, call];
    return call;
  }
}

/** The clock of the event is read a moment after that of the list. */
function isSameStep({ at, ...one }: RecoveryStep, { at: otherAt, ...other }: RecoveryStep): boolean {
  const isAlike = (['component', 'tier', 'engine', 'to', 'success', 'tookMs', 'code'] as const).every(
    (field) => one[field] === other[field],
  );
  return isAlike && Math.abs(Date.parse(at) - Date.parse(otherAt)) < SAME_STEP_MS;
}
