/** Which engines make voices of recordings, and whether there is room for more at their providers. */

import { messageOf } from '../../base/errors.ts';
import type { CloneLimits, VoiceCloner } from '../../engines/tts/voice-cloner.ts';
import { type CheckItem, ok, warning } from './check-item.ts';

/** @throws the signal's reason. */
export async function* clonerItems(
  cloners: readonly VoiceCloner[],
  signal: AbortSignal,
): AsyncGenerator<CheckItem> {
  for (const cloner of cloners) {
    yield await clonerItem(cloner, signal);
  }
}

async function clonerItem(cloner: VoiceCloner, signal: AbortSignal): Promise<CheckItem> {
  const subject = `voices ${cloner.name}`;
  const what = described(cloner.limits);
  try {
    const room = await cloner.room(signal);
    if (room === undefined) {
      return ok(subject, what);
    }
    const count = `${room.used} of ${room.most} voices are taken`;
    return room.used < room.most
      ? ok(subject, `${what}; ${count}`)
      : warning(subject, `${count}: delete some, or take a plan with more; no other can be made`);
  } catch (error) {
    signal.throwIfAborted();
    return warning(subject, `it cannot be told how many there are (${messageOf(error)})`);
  }
}

function described({ leastMs, bestMs, needsConsentRecording, deletes }: CloneLimits): string {
  return [
    `makes a voice of a recording of ${leastMs / 1_000} to ${bestMs / 1_000} s`,
    ...(needsConsentRecording ? ['with one of the consent'] : []),
    ...(deletes ? [] : ['cannot delete it: remove the file there by hand']),
  ].join(', ');
}
