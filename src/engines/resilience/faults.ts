/**
 * What a failure of an engine means: one table says of each kind whether trying again helps, whom it is to be blamed
 * on, whether the engine is left in peace for a while, and how bad it is. Pure.
 */

import { AppError, codeOf, isAbort } from '../../base/errors.ts';
import { RefusalError } from '../wire/refusal.ts';

/** From best to worst. */
export type Severity = 'LOW' | 'MEDIUM' | 'HIGH' | 'CRITICAL';

export interface FaultRule {
  /** Whether the same request may go right a moment later. */
  readonly retry: boolean;
  /** `request`: what was asked for, which another engine may do. */
  readonly blames: 'engine' | 'request' | 'voice' | 'text' | 'nobody';
  /**
   * Whether the engine is benched: `at-once`, and not asked until it is well; when it `repeated` itself, and then
   * asked only where there is nobody else.
   */
  readonly bench: 'at-once' | 'repeated' | 'never';
  /** Whether it stays as it is until somebody acts. */
  readonly lasting: boolean;
  readonly severity: Severity;
}

export const FAULT_RULES = {
  /** The key is refused, or wanted. */
  authentication: { retry: false, blames: 'engine', bench: 'at-once', lasting: true, severity: 'CRITICAL' },
  /** The key has no credit left. */
  quota: { retry: false, blames: 'engine', bench: 'at-once', lasting: true, severity: 'CRITICAL' },
  /** The provider wants to be asked later. */
  'rate-limit': { retry: false, blames: 'engine', bench: 'at-once', lasting: false, severity: 'MEDIUM' },
  /** It is asked more than it, or we for it, can take. */
  overload: { retry: false, blames: 'engine', bench: 'repeated', lasting: false, severity: 'MEDIUM' },
  /** It cannot be reached, or the connection or process broke. */
  connectivity: { retry: true, blames: 'engine', bench: 'repeated', lasting: false, severity: 'HIGH' },
  /** A fault of its own that it admits. */
  server: { retry: true, blames: 'engine', bench: 'repeated', lasting: false, severity: 'MEDIUM' },
  'bad-answer': { retry: true, blames: 'engine', bench: 'repeated', lasting: false, severity: 'MEDIUM' },
  /** It took its time already: whoever waits cannot wait for the same again. */
  'time-out': { retry: false, blames: 'engine', bench: 'repeated', lasting: false, severity: 'MEDIUM' },
  /** It refuses what it was asked for: a language, a voice, a model. */
  request: { retry: false, blames: 'request', bench: 'repeated', lasting: false, severity: 'MEDIUM' },
  /** It does not have one person's voice, as it should: nobody else is to wait for that. */
  voice: { retry: false, blames: 'voice', bench: 'never', lasting: false, severity: 'LOW' },
  /** Something of it is missing on this machine. */
  machine: { retry: false, blames: 'engine', bench: 'at-once', lasting: true, severity: 'HIGH' },
  text: { retry: false, blames: 'text', bench: 'never', lasting: false, severity: 'LOW' },
  /** Somebody does not want it to be asked. */
  'taken-out': { retry: false, blames: 'nobody', bench: 'never', lasting: true, severity: 'LOW' },
  cancelled: { retry: false, blames: 'nobody', bench: 'never', lasting: false, severity: 'LOW' },
  /** A fault of ours. */
  internal: { retry: false, blames: 'nobody', bench: 'never', lasting: false, severity: 'CRITICAL' },
} as const satisfies Readonly<Record<string, FaultRule>>;

export type FaultKind = keyof typeof FAULT_RULES;

/** A failure, judged. */
export interface Fault {
  readonly kind: FaultKind;
  readonly error: unknown;
  /** When the provider wants to be asked again, in ms from now; undefined when it did not say. */
  readonly retryAfterMs: number | undefined;
}

/** Everybody was asked who could be, as often as that made sense: asking again at once is pointless. */
export class GivenUpError extends AppError {
  /** @param cause what the best engine failed with. */
  constructor(cause: AppError) {
    super(cause.code, cause.message, cause);
  }
}

export function faultOf(thrown: unknown): Fault {
  const error = thrown instanceof GivenUpError ? thrown.cause : thrown;
  const retryAfterMs = error instanceof RefusalError ? error.retryAfterMs : undefined;
  return { kind: isAbort(error) ? 'cancelled' : kindOf(error), error, retryAfterMs };
}

/** The rule for `error`. */
export function ruleOf(error: unknown): FaultRule {
  return FAULT_RULES[faultOf(error).kind];
}

function kindOf(error: unknown): FaultKind {
  if (!(error instanceof AppError)) {
    // What the system says of sockets and processes has a code; anything else is a mistake of ours.
    return codeOf(error) === 'unknown' ? 'internal' : 'connectivity';
  }
  const status = error instanceof RefusalError ? error.status : undefined;
  switch (error.code) {
    case 'engine-refused':
      return refusedKind(status);
    case 'engine-overloaded':
      return status === undefined ? 'overload' : 'rate-limit';
    case 'engine-bad-answer':
      return status === undefined ? 'bad-answer' : 'server';
    case 'engine-timeout':
      return 'time-out';
    case 'engine-start-failed':
    case 'engine-died':
    case 'server-unreachable':
      return 'connectivity';
    case 'engine-taken-out':
      return 'taken-out';
    case 'language-unsupported':
      return 'request';
    case 'voice-refused':
      return 'voice';
    default:
      return kindOfCategory(error);
  }
}

function kindOfCategory({ category }: AppError): FaultKind {
  switch (category) {
    case 'text':
      return 'text';
    case 'machine':
      return 'machine';
    case 'engine':
      return 'server';
    case 'usage':
      return 'request';
    case 'peer':
      return 'bad-answer';
    case 'internal':
      return 'internal';
  }
}

/** @param status undefined where a provider refuses by other means, which it does of keys and credit hardly ever. */
function refusedKind(status: number | undefined): FaultKind {
  switch (status) {
    case 401:
    case 403:
      return 'authentication';
    // 429 with a word that says that the credit is gone.
    case 402:
    case 429:
    case 456:
      return 'quota';
    default:
      return 'request';
  }
}
