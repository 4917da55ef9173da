/**
 * What lost packets cost a recogniser: recorded English as packets of RTP over a network that loses some, through the
 * jitter buffer, concealment and codec of a leg, to PocketSphinx. The same chance each time, and time is told, so only
 * the recogniser decides.
 */

import { FRAME_MS, frameSamples } from '../../../src/base/units.ts';
import { convertRate } from '../../../src/client/convert-rate.ts';
import type { SttEngine } from '../../../src/engines/stt/stt-engine.ts';
import { RtpSound } from '../../../src/media/hear/rtp-sound.ts';
import { PayloadEncoder, type RtpFormat, SENT_AS } from '../../../src/protocol/rtp/payloads.ts';
import { concatPcm, type SpokenClip, seededRandom, silence } from '../../asterisk/audio.ts';
import { EventLog, testSignal } from '../../engines/events.ts';
import { wordErrors } from './word-errors.ts';

const SPEECH_HZ = 16_000;
/** Before and after what is said, in ms: what is held back at the end is heard, too. */
const EDGE_MS = 300;
/**
 * By how much later, in ms, it begins each time: how sound lies in a recogniser's frames alone changes a few words in a
 * hundred, which must not be taken for what the network does.
 */
const SHIFT_MS = 3;

export interface LostWords {
  readonly format: RtpFormat;
  /** Of the packets. */
  readonly lossShare: number;
  readonly words: number;
  readonly errors: number;
}

/** @param networks how often all is said, each time with other packets lost. */
export async function measureLostWords(
  engine: SttEngine,
  clips: readonly SpokenClip[],
  format: RtpFormat,
  lossShare: number,
  networks: number,
): Promise<LostWords> {
  let words = 0;
  let errors = 0;
  for (let network = 0; network < networks; network += 1) {
    const random = seededRandom(1 + network);
    const log = new EventLog();
    const stream = await engine.open({ language: 'en', onEvent: log.onEvent }, testSignal());
    for (const [utterance, { pcm, rateHz, text }] of clips.entries()) {
      const said = concatPcm(
        silence(EDGE_MS + network * SHIFT_MS, SPEECH_HZ),
        convertRate(pcm, rateHz, SPEECH_HZ),
        silence(EDGE_MS, SPEECH_HZ),
      );
      const heard = overNetwork(said, format, () => random() < lossShare);
      stream.startUtterance(utterance);
      for (let at = 0; at < heard.length; at += frameSamples(SPEECH_HZ)) {
        stream.write(heard.slice(at, at + frameSamples(SPEECH_HZ)));
      }
      stream.endUtterance();
      const final = await log.until('final', utterance);
      const spoken = text.split(' ');
      words += spoken.length;
      errors += wordErrors(spoken, final.text.split(' '));
    }
    await stream.close();
  }
  return { format, lossShare, words, errors };
}

/** What is heard at 16 kHz of `said` at 16 kHz. @param lost whether the next packet is. */
function overNetwork(said: Int16Array, format: RtpFormat, lost: () => boolean): Int16Array {
  const { payloadType, rateHz } = SENT_AS[format];
  const encoder = new PayloadEncoder(format);
  const frames: Int16Array[] = [];
  const sound = new RtpSound((pcm) => frames.push(new Int16Array(pcm.slice().buffer)));
  const pcm = convertRate(said, SPEECH_HZ, rateHz);
  const samples = frameSamples(rateHz);
  for (let number = 0; (number + 1) * samples <= pcm.length; number += 1) {
    const nowMs = 1_000 + number * FRAME_MS;
    const payload = encoder.encode(pcm.subarray(number * samples, (number + 1) * samples));
    if (!lost()) {
      const header = { payloadType, marker: false, sequence: number, timestamp: number * 160, ssrc: 1 };
      sound.put({ ...header, payload }, nowMs);
    }
    sound.play(nowMs);
  }
  return convertRate(concatPcm(...frames), rateHz, SPEECH_HZ);
}
