/** The sound of one segment, as the process that holds a voice makes it. */

import { AppError } from '../../base/errors.ts';
import { refusalOf } from './ask-model.ts';
import type { ModelProcess } from './model-process.ts';
import { MESSAGE, type Saying, sayingBytes } from './model-wire.ts';

/** What is to be imitated. */
export interface Recording {
  readonly rateHz: number;
  readonly pcm: Int16Array;
}

/** What is to be said. */
export interface Said extends Omit<Saying, 'reference'> {
  readonly recording?: Recording | undefined;
}

/**
 * Asks for the speech and gives its bytes as they come, 16-bit samples.
 * @throws AppError `engine-died` or `engine-timeout` when the process ends, `engine-bad-answer` when it refuses or says
 * more than `limitBytes`; the signal's reason when it aborts first, and the process stops.
 */
export async function* modelSpeech(
  process: ModelProcess,
  { recording, ...said }: Said,
  limitBytes: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const pieces: Buffer[] = [];
  let end: { readonly error: unknown } | 'spoken' | undefined;
  let wake: () => void = () => {};
  const finish = (how: NonNullable<typeof end>): void => {
    end ??= how;
    wake();
  };
  signal.throwIfAborted();
  const onAbort = (): void => finish({ error: signal.reason });
  const line = process.line(
    (message) => {
      if (message.type === MESSAGE.sound) {
        pieces.push(Buffer.from(message.payload));
        wake();
      } else if (message.type === MESSAGE.spoken) {
        finish('spoken');
      } else if (message.type === MESSAGE.refused) {
        finish({ error: refusalOf(message) });
      }
    },
    (error) => finish({ error }),
  );
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const reference = recording === undefined ? undefined : { rateHz: recording.rateHz, text: '' };
    line.send(MESSAGE.speak, sayingBytes({ ...said, reference }, recording?.pcm));
    line.setOwed(true);
    for (let bytes = 0; ; ) {
      const piece = signal.aborted ? undefined : pieces.shift();
      if (piece !== undefined) {
        bytes += piece.length;
        if (bytes > limitBytes) {
          throw new AppError('engine-bad-answer', `sherpa: the speech is longer than ${limitBytes} bytes`);
        }
        yield piece;
      } else if (end === 'spoken') {
        return;
      } else if (end !== undefined) {
        throw end.error;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    line.close();
  }
}
