/**
 * Machine translation of one segment at a time. Adapters do not retry, cache, fail over or log text.
 */

import type { Language } from '../../base/language.ts';
import type { OnCharge } from '../charge.ts';
import type { Support } from '../support.ts';

export interface MtRequest {
  readonly text: string;
  readonly from: Language;
  readonly to: Language;
  /** What was said before, oldest first, in the source language; of use where the engine {@link MtEngine.usesContext}. */
  readonly context: readonly string[];
  /**
   * Whether `text` goes on in a sentence that was begun before it, so that it is no beginning of one, whatever its
   * first letter says; default false. Engines that do as well without it ignore it.
   */
  readonly midSentence?: boolean;
  /** Hears that another engine does it in place of one that failed or was late. Engines themselves ignore it. */
  readonly failedOver?: () => void;
  /** Hears what each engine is given for it. Engines themselves ignore it. */
  readonly onCharge?: OnCharge;
}

export interface MtEngine {
  readonly name: string;
  /** Whether what was said before is of use to it, and costs it time; default no. */
  readonly usesContext?: boolean;
  supports(from: Language, to: Language): Promise<Support>;
  /**
   * Translates `request.text`.
   * @throws AppError of category `engine`; the signal's reason when it aborts first.
   */
  translate(request: MtRequest, signal: AbortSignal): Promise<string>;
  /** Ends everything the engine runs. Idempotent. */
  close(): Promise<void>;
}
