/** What the keys of a party that steer its call do. */

import type { Call } from './call.ts';
import type { KeyAction } from './key-commands.ts';
import { ORIGINAL_MODES, type OriginalMode } from './plan.ts';

/** What `party` has asked for by its keys is done; the party hears a tone. Nothing is done where nothing can be. */
export function actOnKeys(call: Call, party: string, action: KeyAction): void {
  const asking = call.parties.get(party);
  if (asking === undefined) {
    return;
  }
  const { plan, ear, leg } = asking;
  leg?.media.playTone('one-moment');
  switch (action) {
    case 'translation':
      call.changeParty(party, { hears: plan.hears === 'voices' ? 'all' : 'voices' });
      break;
    case 'louder':
      call.changeParty(party, { original: beside(plan.original ?? call.plan.original, 1) });
      break;
    case 'softer':
      call.changeParty(party, { original: beside(plan.original ?? call.plan.original, -1) });
      break;
    case 'repeat':
      ear.repeat();
      break;
    case 'swap':
      swap(call);
      break;
    case 'record':
      call.setRecording(call.recording === 'on' ? 'paused' : 'on');
      break;
    case 'no-record':
      call.changeParty(party, { refusesRecording: true });
      break;
    case 'own-voice':
      call.changeParty(party, { ownVoiceOff: plan.ownVoiceOff !== true });
      break;
  }
}

/** The modes go from the softest to the loudest. */
function beside(mode: OriginalMode, steps: 1 | -1): OriginalMode {
  return ORIGINAL_MODES[ORIGINAL_MODES.indexOf(mode) + steps] ?? mode;
}

function swap(call: Call): void {
  const [first, second, ...more] = [...call.parties.values()].map(({ plan }) => plan);
  if (first !== undefined && second !== undefined && more.length === 0) {
    call.changeParty(first.id, { language: second.language });
    call.changeParty(second.id, { language: first.language });
  }
}
