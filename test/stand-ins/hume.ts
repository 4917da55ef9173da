/**
 * Hume's Expression Measurement on loopback, as its documentation describes it in November 2026: a key in a header of
 * the handshake, binary frames of 16-bit PCM at 16 kHz, a measurement for each interval of what was sent. It measures
 * nothing: a script says what is heard in a sound.
 */

import type { WebSocket } from 'ws';
import type { HeardExpression } from '../../src/engines/emotion/emotion-words.ts';
import { ProviderSessions } from './provider-sessions.ts';

export const HUME_KEY = 'hume-key-0123456789';
/** The shortest interval at which it measures, in samples: 3 s. */
const INTERVAL_SAMPLES = 48_000;
const PATH = '/v1/expression/audio/realtime';

export class HumeStandIn {
  /** Samples of each frame that was taken, of all sessions. */
  readonly frames: number[] = [];
  readonly #hear: (pcm: Int16Array) => readonly HeardExpression[];
  #sessions: ProviderSessions | undefined;

  private constructor(hear: (pcm: Int16Array) => readonly HeardExpression[]) {
    this.#hear = hear;
  }

  /** @param hear what is heard in an interval. @param status refuses every handshake. */
  static async open(
    hear: (pcm: Int16Array) => readonly HeardExpression[],
    status?: number,
  ): Promise<HumeStandIn> {
    const standIn = new HumeStandIn(hear);
    standIn.#sessions = await ProviderSessions.listen({
      admit: ({ headers, url }) => {
        if (status !== undefined) {
          return status;
        }
        return url !== PATH ? 404 : headers['x-hume-api-key'] === HUME_KEY ? undefined : 401;
      },
      onSession: (socket) => standIn.#serve(socket),
    });
    return standIn;
  }

  get sessions(): ProviderSessions {
    if (this.#sessions === undefined) {
      throw new Error('the stand-in is not open');
    }
    return this.#sessions;
  }

  get url(): string {
    return `ws://${this.sessions.host}`;
  }

  close(): Promise<void> {
    return this.sessions.close();
  }

  #serve(socket: WebSocket): void {
    const say = (message: object): void => socket.send(JSON.stringify(message));
    let interval = new Int16Array(0);
    say({ type: 'session.created', session_id: 'session-1', config: { measurement_interval: 3_000 } });
    socket.on('message', (data: Buffer, isBinary) => {
      if (!isBinary) {
        say({ type: 'error', code: 'config_invalid' });
        socket.close(1008);
        return;
      }
      if (data.length === 0 || data.length % 2 !== 0) {
        say({ type: 'error', code: 'invalid_audio_frame' });
        return;
      }
      this.frames.push(data.length / 2);
      const pcm = new Int16Array(interval.length + data.length / 2);
      pcm.set(interval);
      pcm.set(new Int16Array(new Uint8Array(data).buffer), interval.length);
      interval = pcm;
      if (interval.length >= INTERVAL_SAMPLES) {
        say({
          ...{ type: 'measurement.result', trigger: 'interval', audio_start_ms: 0, audio_end_ms: 3_000 },
          expressions: this.#hear(interval),
          voice_attributes: [{ name: 'clear', probability: 0.9 }],
        });
        interval = new Int16Array(0);
      }
    });
  }
}
