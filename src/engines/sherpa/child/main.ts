/**
 * The program that holds one model, for all who use it: sherpa-onnx ends its process on what it does not like, so it
 * has one of its own. It is told which model over descriptor 3, serves over it, and ends with it. What the library
 * writes goes to the standard error output, whose last line says why it ended.
 */

import { writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { systemClock } from '../../../base/clock.ts';
import { messageOf } from '../../../base/errors.ts';
import { encodeMessage, jsonBytes, MESSAGE, MessageReader, type ModelOrder, orderOf } from '../model-wire.ts';
import { EmbeddingService } from './embedding-service.ts';
import type { Answer, Service } from './service.ts';
import { loadSherpa } from './sherpa-onnx.ts';
import { SpeakingService } from './speaking-service.ts';
import { StreamsService } from './streams-service.ts';
import { WholeService } from './whole-service.ts';

const WIRE_DESCRIPTOR = 3;
/** Of 1,000 that the kernel adds to what a process takes of the memory, in thousandths, when it looks for one to end. */
const OOM_SCORE = 500;

// A model that takes more and more memory is ended before the server, which starts it again while its calls go on.
try {
  writeFileSync('/proc/self/oom_score_adj', String(OOM_SCORE));
} catch {
  // Only Linux asks.
}

const wire = new Socket({ fd: WIRE_DESCRIPTOR, readable: true, writable: true });
const reader = new MessageReader();
let service: Service | undefined;

const answer: Answer = (type, id, payload) => {
  wire.write(encodeMessage(type, id, payload));
};

wire.on('data', (bytes: Buffer) => {
  try {
    for (const message of reader.read(bytes)) {
      if (message.type === MESSAGE.order) {
        load(orderOf(message.payload)).catch(fail);
      } else {
        service?.receive(message);
      }
    }
    service?.work();
  } catch (error) {
    fail(error);
  }
});
wire.on('close', end);
wire.on('error', end);
// Who ends us closes the wire; a key that is meant for all programs of a terminal is theirs to act on.
process.on('SIGINT', () => {});

async function load(order: ModelOrder): Promise<void> {
  const startMs = systemClock.nowMs();
  const loaded = await serviceFor(order);
  const loadMs = Math.round(systemClock.nowMs() - startMs);
  const residentBytes = process.memoryUsage.rss();
  answer(MESSAGE.ready, 0, jsonBytes({ ...loaded.facts, loadMs, residentBytes }));
  service = loaded;
}

async function serviceFor(order: ModelOrder): Promise<Service> {
  const sherpa = loadSherpa(order.packageFolder);
  switch (order.use) {
    case 'streams':
      return new StreamsService(sherpa, order, answer);
    case 'whole':
      return WholeService.load(sherpa, order, answer);
    case 'speak':
      return SpeakingService.load(sherpa, order, answer);
    case 'embed':
      return new EmbeddingService(sherpa, order, answer);
  }
}

function fail(error: unknown): void {
  process.stderr.write(`${messageOf(error)}\n`, () => process.exit(1));
}

/** By force: a thread of the library that is at work would be waited for, and it may wait for us. */
function end(): void {
  process.kill(process.pid, 'SIGKILL');
}
