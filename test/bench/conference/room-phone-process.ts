/**
 * The process of the telephones of a run with rooms, forked by `room-run.ts`: calls, talks until it is told to finish,
 * ends.
 */

import { systemClock } from '../../../src/base/clock.ts';
import { GridTicker } from '../../../src/base/grid-ticker.ts';
import { FRAME_MS } from '../../../src/base/units.ts';
import { Random } from '../interpret/random.ts';
import { CallVoice } from '../realtime/call-voice.ts';
import { isRoomPhoneOrder, type RoomPhoneOrder, type RoomPhoneReport } from './room-messages.ts';
import { RoomPhone } from './room-phone.ts';
import { speakersOf } from './room-script.ts';

const RATE_HZ = 8_000;
/** Slots of 1 ms: what a timer of libuv can tell apart. */
const SLOTS = 20;
/** Between two legs, in ms: what an arrival costs is not what is measured. */
const CONNECT_GAP_MS = 25;

const LOWEST_VOICE_HZ = 90;
/** Shares no factor with the range, so each voice has its own. */
const VOICE_STEP_HZ = 37;
const VOICES_HZ = 120;

const ticker = new GridTicker(systemClock, FRAME_MS, SLOTS);
const phones: RoomPhone[] = [];

// Without its benchmark there is nobody to measure for.
process.once('disconnect', () => process.exit());
process.on('message', (message) => {
  if (!isRoomPhoneOrder(message)) {
    throw new TypeError('the telephones take nothing but a phone order');
  }
  switch (message.type) {
    case 'call':
      void call(message);
      break;
    case 'finish':
      ticker.close();
      report({ type: 'finished', records: phones.map((phone) => phone.finish()) });
      break;
  }
});

async function call({ host, port, script, uuids }: Extract<RoomPhoneOrder, { type: 'call' }>): Promise<void> {
  const forever = new AbortController().signal;
  const random = new Random(script.seed);
  for (const { id, voice, turns } of speakersOf(script)) {
    const said = new CallVoice(voice, turns, RATE_HZ, voiceHz(voice));
    const uuid = uuids[id] ?? '';
    phones.push(new RoomPhone({ uuid, rateHz: RATE_HZ, voice: said, clock: systemClock }));
  }
  for (const phone of phones) {
    await phone.ring(host, port);
    ticker.add(phone, random.whole(0, SLOTS - 1));
    await systemClock.sleep(CONNECT_GAP_MS, forever);
  }
  report({ type: 'connected' });
}

/** The mean pitch of a voice: no two are alike, and those of one room lie apart. */
function voiceHz(voice: number): number {
  return LOWEST_VOICE_HZ + ((voice * VOICE_STEP_HZ) % VOICES_HZ);
}

function report(message: RoomPhoneReport): void {
  process.send?.(message, () => {
    if (message.type === 'finished') {
      process.disconnect();
    }
  });
}
