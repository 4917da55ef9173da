/**
 * What became of a call that we made, in one word and one sentence: the worst that happened, so that a status can say
 * it. Pure: facts in, a judgement out.
 */

import { type CaptionLine, type Expectation, formatExpectation, unmetOf } from './expectations.ts';
import { type HeardSummary, heardSentence, seconds } from './heard-summary.ts';
import type { LostLeg } from './leg-endings.ts';

/**
 * `heard`: all heard as asked. `unreached`, `server-lost`: the server cannot be reached, or was gone in the call.
 * `hung-up`: it refused a leg or ended the call. `no-dragoman`: something else is at the other end. `nothing-heard`: a
 * party was spoken to and heard no voice. `unexpected`: the captions do not say what was expected. `untold`: there
 * are no captions that could say it.
 */
export type CallOutcomeType =
  | 'heard'
  | 'unreached'
  | 'server-lost'
  | 'hung-up'
  | 'no-dragoman'
  | 'nothing-heard'
  | 'unexpected'
  | 'untold';

export interface CallOutcome {
  readonly type: CallOutcomeType;
  /** What happened, for people. */
  readonly sentence: string;
  /** What was not as it should be though all was heard, in sentences. */
  readonly warnings: readonly string[];
}

export interface CallFacts {
  readonly lost: LostLeg | undefined;
  readonly parties: readonly { readonly name: string; readonly heard: HeardSummary }[];
  readonly expectations: readonly Expectation[];
  readonly lines: readonly CaptionLine[];
  /** Why there are no captions. */
  readonly captionsMissing: string | undefined;
  readonly warnings: readonly string[];
}

type Judgement = Omit<CallOutcome, 'warnings'>;

export function judgeCall({ warnings, ...facts }: CallFacts): CallOutcome {
  return { ...judge(facts), warnings };
}

function judge({
  lost,
  parties,
  expectations,
  lines,
  captionsMissing,
}: Omit<CallFacts, 'warnings'>): Judgement {
  if (lost !== undefined) {
    return judgeLost(lost);
  }
  const deaf = parties.filter(
    ({ heard }) =>
      (heard.spokenToMs !== undefined && heard.answeredAfterMs === undefined) ||
      (heard.alone === true && heard.firstMs === undefined),
  );
  if (deaf.length > 0) {
    return { type: 'nothing-heard', sentence: sentencesOf(deaf) };
  }
  const unmet = unmetOf(expectations, lines);
  if (unmet.length > 0 && captionsMissing !== undefined) {
    return {
      type: 'untold',
      sentence: `whether it said ${listed(unmet)} cannot be told without captions: ${captionsMissing}`,
    };
  }
  return unmet.length > 0
    ? { type: 'unexpected', sentence: `the captions do not say ${listed(unmet)}` }
    : { type: 'heard', sentence: sentencesOf(parties) };
}

function judgeLost({ party, server, ending, answered, afterMs }: LostLeg): Judgement {
  const address = `${server.host}:${server.port}`;
  const detail = ending.detail === '' ? '' : ` (${ending.detail})`;
  const when = `${seconds(afterMs)} after it connected`;
  if (ending.by === 'broken' || (ending.by === 'mute' && !answered)) {
    return {
      type: 'no-dragoman',
      sentence: `what answers at ${address} does not speak as dragoman does${detail}; name its --listen address with --server`,
    };
  }
  if (ending.by === 'server-hangup' || (ending.by === 'server-close' && !answered)) {
    return {
      type: 'hung-up',
      sentence: answered
        ? `the server hung up leg ${party} ${when}; its log says why`
        : `the server refused leg ${party}${detail}; its log says why: --allow, --max-legs, a place or language it has not`,
    };
  }
  return {
    type: 'server-lost',
    sentence:
      ending.by === 'mute'
        ? `the server stopped sending to leg ${party}${detail}: it hangs, or the network is down`
        : `the connection of leg ${party} broke ${when}${detail}: the server has died, or the network is down`,
  };
}

function sentencesOf(parties: CallFacts['parties']): string {
  return parties.map(({ name, heard }) => heardSentence(name, heard)).join('; ');
}

function listed(unmet: readonly Expectation[]): string {
  return unmet.map(formatExpectation).join(', nor ');
}
