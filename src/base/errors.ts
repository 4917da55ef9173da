/**
 * The catalogue of everything that can go wrong on purpose. An `AppError` says what happened (its code),
 * whose business it is (its category) and whether trying again can help. Messages are for the operator:
 * what is wrong, and what to do about it; they never hold anything spoken, dialled or secret.
 */

/** Whose business an error is. */
export type ErrorCategory =
  | 'usage' // the operator's flags, environment or configuration file
  | 'machine' // something this machine lacks: a package, a port, a file
  | 'peer' // what the other end of a socket sent
  | 'engine' // a provider of recognition, translation or synthesis
  | 'text' // what was to be said itself, which an engine that is well cannot do
  | 'internal'; // ourselves

/** Every code, its category, and whether the same attempt would fail again. */
export const ERROR_CATALOGUE = {
  'bad-option': { category: 'usage', permanent: true },
  'language-unsupported': { category: 'usage', permanent: true },
  'engine-unknown': { category: 'usage', permanent: true },
  /** A phone cannot be added, changed or removed as was asked. */
  'endpoint-refused': { category: 'usage', permanent: true },
  'address-in-use': { category: 'machine', permanent: true },
  'address-refused': { category: 'machine', permanent: true },
  'program-missing': { category: 'machine', permanent: true },
  'file-unreadable': { category: 'machine', permanent: true },
  'file-unwritable': { category: 'machine', permanent: true },
  /** A disk, or who reads it for us, stands still. */
  'file-slow': { category: 'machine', permanent: false },
  'wire-unknown-kind': { category: 'peer', permanent: true },
  'wire-bad-length': { category: 'peer', permanent: true },
  'wire-payload-too-long': { category: 'peer', permanent: true },
  'wire-no-uuid': { category: 'peer', permanent: true },
  'wire-second-uuid': { category: 'peer', permanent: true },
  'wire-bad-message': { category: 'peer', permanent: true },
  'wire-too-fast': { category: 'peer', permanent: true },
  'wav-unreadable': { category: 'usage', permanent: true },
  'server-unreachable': { category: 'machine', permanent: false },
  /** It could be, and is not: Asterisk does not take it, or somebody else is at it. */
  'endpoint-failed': { category: 'machine', permanent: false },
  'engine-start-failed': { category: 'engine', permanent: false },
  'engine-died': { category: 'engine', permanent: false },
  'engine-timeout': { category: 'engine', permanent: false },
  'engine-overloaded': { category: 'engine', permanent: false },
  'engine-bad-answer': { category: 'engine', permanent: false },
  /** The provider refuses the key, the plan or the request. */
  'engine-refused': { category: 'engine', permanent: true },
  /** An operator does not want it to be asked at present. */
  'engine-taken-out': { category: 'engine', permanent: true },
  /** The voice's own fault, which is gone or cannot be read: the engine is well, and speaks with another. */
  'voice-refused': { category: 'engine', permanent: true },
  /** The text's own fault: the engine is well, and another text, or this one put otherwise, may be spoken. */
  'text-unspeakable': { category: 'text', permanent: true },
  'profile-unreadable': { category: 'machine', permanent: true },
  /** The store of voice profiles does not answer. */
  'store-failed': { category: 'machine', permanent: false },
  /** Given up on purpose, to be opened anew. */
  'pipeline-reset': { category: 'internal', permanent: false },
  closed: { category: 'internal', permanent: true },
  'illegal-transition': { category: 'internal', permanent: true },
} as const satisfies Record<string, { category: ErrorCategory; permanent: boolean }>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;

/** An error with a code of the catalogue; `cause` keeps what was caught. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly category: ErrorCategory;
  /** Whether the same attempt would fail again, so that retrying is pointless. */
  readonly permanent: boolean;

  constructor(code: ErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'AppError';
    this.code = code;
    this.category = ERROR_CATALOGUE[code].category;
    this.permanent = ERROR_CATALOGUE[code].permanent;
  }
}

/** Anything that was thrown, as an Error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The catalogue code of anything that was thrown, else the system's code (`ECONNRESET`), else `unknown`. */
export function codeOf(thrown: unknown): string {
  if (thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string') {
    return thrown.code;
  }
  return 'unknown';
}

/** Whether `thrown` is what an aborted signal leaves behind: aborted work is not an error. */
export function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && (thrown.name === 'AbortError' || codeOf(thrown) === 'closed');
}
