/**
 * The entry point of the recorder, the process that alone touches the files of calls: orders and sound come by its
 * standard input, reports go to its standard output. It ends when the server does, however that ends, once what it was
 * given is on the disk; so it does not listen to the signals that a terminal or systemd sends to both.
 */

import { RecorderMessages } from '../src/protocol/recording/recorder-orders.ts';
import { encodeReport } from '../src/protocol/recording/recorder-reports.ts';
import { Recorder } from './recording/recorder.ts';

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {});
}
// Nobody reads reports any more when the server was killed; what it gave is written all the same.
process.stdout.on('error', () => {});

const messages = new RecorderMessages();
const recorder = new Recorder((report) => process.stdout.write(encodeReport(report)));
process.stdin.on('data', (chunk: Buffer) => {
  for (const message of messages.push(chunk)) {
    recorder.take(message);
  }
});
process.stdin.on('end', () => void recorder.close().then(() => process.exit()));
process.stdout.write(encodeReport({ type: 'ready' }));
