/**
 * Waits for the end of the utterance and cuts nowhere: what an interpreter does who takes turns with the speaker.
 */

import { type Cut, type CutPolicy, type CutView, rest } from './cut-policy.ts';

export const TURN_CUT: CutPolicy = {
  silenceStepsMs: [],
  waitingStepsMs: [],
  next: (view: CutView): Cut | undefined => rest(view),
};
