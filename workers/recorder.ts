/**
 * The entry point of the recorder, the process that alone touches the files of calls: orders and sound come by its
 * standard input, reports go to its standard output. It ends when the server does, however that ends, once what it was
 * given is on the disk; so it does not listen to the signals that a terminal or systemd sends to both.
 */

import { systemClock } from '../src/base/clock.ts';
import { loadMediaModules } from '../src/media/dsp/wasm.ts';
import { RecorderMessages } from '../src/protocol/recording/recorder-orders.ts';
import { encodeReport } from '../src/protocol/recording/recorder-reports.ts';
import { Recorder } from './recording/recorder.ts';

/** A disk that stands still keeps it no longer than this, in ms. */
const END_LIMIT_MS = 30_000;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {});
}
// Nobody reads reports any more when the server was killed; what it gave is written all the same.
process.stdout.on('error', () => {});

const recorder = new Recorder({
  clock: systemClock,
  modules: await loadMediaModules(),
  report: (report) => process.stdout.write(encodeReport(report)),
});
const messages = new RecorderMessages();
process.stdin.on('data', (chunk: Buffer) => {
  for (const message of messages.push(chunk)) {
    recorder.take(message);
  }
});
process.stdin.on('end', () => {
  systemClock.at(systemClock.nowMs() + END_LIMIT_MS, () => process.exit(1));
  void recorder.close().then(() => process.exit());
});
process.stdout.write(encodeReport({ type: 'ready' }));
