/**
 * How late callers and a voice agent hear each other because of us: a server as a process of its own, calls at Asterisk's
 * pace, and an agent that answers a known time after it has heard the end of what was said. What is left of the time from
 * the caller's end of speech to the agent's first sound is ours.
 */

import { randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import { systemClock } from '../../../src/base/clock.ts';
import { PacedCaller } from '../../../src/client/paced-caller.ts';
import { parseUuid } from '../../../src/protocol/audiosocket/kinds.ts';
import { AsteriskRules } from '../../asterisk/asterisk-rules.ts';
import { levelDbfs, sine } from '../../asterisk/audio.ts';
import { ProviderSessions } from '../../stand-ins/provider-sessions.ts';
import { eventually, never } from '../../support/waiting.ts';
import { spreadOf } from '../percentiles.ts';
import { type KnownServer, startServer } from '../server-process.ts';
import type { VoiceRow } from './voice-row.ts';

const CALLS = 10;
const TURNS = 25;
/** A turn: what the caller says, and the time until it speaks again. */
const SAID_MS = 300;
const TURN_MS = 2_000;
/** From the moment when the agent has heard the end of speech to its answer; it comes anywhere between two frames. */
const ANSWER_AFTER_MS = 100;
const ANSWER_SPREAD_MS = 20;
const ANSWERED_MS = 200;
const CALLER_HZ = 16_000;
const AGENT_HZ = 16_000;
const PACKET_SAMPLES = CALLER_HZ / 50;
const TONE_HZ = 500;
const LOUD_DBFS = -25;
/** 100 ms: less is a tone of ours. */
const LEAST_LOUD_MESSAGES = 5;
const LIMIT_MS = 30_000;
const TARGET_MS = 40;

const AGENT_ID = '0f5d2a8e-6b1c-4c3e-9a57-3a1f9d2b7c44';

const ANSWER = new Uint8Array(sine(TONE_HZ, ANSWERED_MS, AGENT_HZ).buffer);

export async function agentRows(): Promise<readonly VoiceRow[]> {
  const agent = await BenchAgent.start();
  const server = await startServer(knownServer(agent.url), CALLS);
  try {
    const callers: Caller[] = [];
    // One after the other, so that each has the conversation of its place.
    while (callers.length < CALLS) {
      callers.push(await Caller.connect(server.host, server.port));
      await eventually('the agent has come', LIMIT_MS, () => agent.answers.length === callers.length);
    }
    // What the server has not done before it does now, at no caller's cost.
    await systemClock.sleep(2_000, never());
    for (const [index, caller] of callers.entries()) {
      caller.begin((index * TURN_MS) / CALLS);
    }
    await systemClock.sleep((TURNS + 1) * TURN_MS, never());
    const ways = callers.flatMap(({ turns }, index) =>
      turns.flatMap((turn) => waysOf(turn, agent.answers[index] ?? [])),
    );
    for (const caller of callers) {
      caller.end();
    }
    const both = spreadOf(ways.map(({ thereMs, backMs }) => thereMs + backMs));
    const [thereOnly, backOnly] = [
      spreadOf(ways.map(({ thereMs }) => thereMs)),
      spreadOf(ways.map(({ backMs }) => backMs)),
    ];
    const missing = CALLS * TURNS - both.count;
    return [
      {
        what: `end of speech to the agent's first sound, ${CALLS} calls: our share, p50 ms`,
        value: both.p50,
        digits: 1,
      },
      {
        what: 'the same, p99 ms',
        value: both.p99,
        target: `<= ${TARGET_MS}`,
        digits: 1,
        holds: both.p99 <= TARGET_MS,
      },
      { what: 'of it to the agent, p50 ms', value: thereOnly.p50, digits: 1 },
      { what: 'the same, p99 ms', value: thereOnly.p99, digits: 1 },
      { what: 'of it back to the caller, p50 ms', value: backOnly.p50, digits: 1 },
      { what: 'the same, p99 ms', value: backOnly.p99, digits: 1 },
      {
        what: `of ${CALLS * TURNS} answers not heard`,
        value: missing,
        target: '0',
        digits: 0,
        holds: missing === 0,
      },
    ];
  } finally {
    await server.stop();
    await agent.close();
  }
}

interface Ways {
  readonly thereMs: number;
  readonly backMs: number;
}

/** How long a turn took to the agent and back; nothing where it was not heard. */
function waysOf({ endedMs, answeredMs }: Turn, answers: readonly Answer[]): readonly Ways[] {
  const answer = answers.find(({ heardMs }) => heardMs >= endedMs && heardMs < endedMs + TURN_MS);
  return answer === undefined || answeredMs === undefined
    ? []
    : [{ thereMs: answer.heardMs - endedMs, backMs: answeredMs - answer.sentMs }];
}

function knownServer(url: string): KnownServer {
  const [node = '', main = ''] = [
    process.execPath,
    new URL('../../../src/cli/main.js', import.meta.url).pathname,
  ];
  return {
    name: 'dragoman',
    hears: 'itself',
    environment: { DEEPGRAM_API_KEY: 'of-the-bench', DEEPGRAM_AGENT_URL: url },
    words: [
      ...[node, main, 'serve', '--pair', 'en:es', '--mode', 'passthrough', '--listen', '127.0.0.1:{port}'],
      ...['--agent', `deepgram:${AGENT_ID}@en`, '--http', 'off', '--metrics', 'off', '--log-level', 'warn'],
    ],
  };
}

interface Answer {
  /** When it heard the end of what was said, and when it answered. */
  readonly heardMs: number;
  readonly sentMs: number;
}

/** An agent by Deepgram's wire that answers a known time after each end of speech. */
class BenchAgent {
  /** Of each conversation, in the order in which they began. */
  readonly answers: Answer[][] = [];
  #sessions: ProviderSessions | undefined;

  static async start(): Promise<BenchAgent> {
    const agent = new BenchAgent();
    agent.#sessions = await ProviderSessions.listen({
      admit: () => undefined,
      onSession: (socket) => agent.#serve(socket),
    });
    return agent;
  }

  get url(): string {
    return `ws://${this.#sessions?.host ?? ''}`;
  }

  async close(): Promise<void> {
    await this.#sessions?.close();
  }

  #serve(socket: WebSocket): void {
    const answers: Answer[] = [];
    // How much it has heard without a break, and when and for how long it has been quiet since.
    let loudMessages = 0;
    let quietMessages = 0;
    let quietAtMs = 0;
    let turns = 0;
    socket.on('message', (data, isBinary) => {
      if (!isBinary) {
        this.answers.push(answers);
        socket.send(JSON.stringify({ type: 'SettingsApplied' }));
        return;
      }
      const pcm = Buffer.isBuffer(data) ? new Int16Array(Uint8Array.from(data).buffer) : new Int16Array(0);
      if (levelDbfs(pcm) > LOUD_DBFS) {
        loudMessages += 1;
        quietMessages = 0;
        return;
      }
      quietMessages += 1;
      quietAtMs = quietMessages === 1 ? systemClock.nowMs() : quietAtMs;
      // One quiet message alone is sound that came late.
      if (quietMessages === 2 && loudMessages >= LEAST_LOUD_MESSAGES) {
        const heardMs = quietAtMs;
        turns += 1;
        // 7 and 20 have no common factor: each ms of a frame's time in turn.
        const spreadMs = (turns * 7) % ANSWER_SPREAD_MS;
        systemClock.at(heardMs + ANSWER_AFTER_MS + spreadMs, () => {
          answers.push({ heardMs, sentMs: systemClock.nowMs() });
          socket.send(ANSWER);
        });
      }
      loudMessages = quietMessages < 2 ? loudMessages : 0;
    });
  }
}

interface Turn {
  /** When the first packet without speech was sent. */
  readonly endedMs: number;
  /** When the first packet with the agent's answer came. */
  answeredMs: number | undefined;
}

/** A caller who says a tone in each turn, and listens for one. */
class Caller {
  readonly turns: Turn[] = [];
  readonly #caller: PacedCaller;
  readonly #rules = new AsteriskRules({});
  #beginsMs = Number.POSITIVE_INFINITY;
  #heard = 0;
  #wasSpeaking = false;

  static async connect(host: string, port: number): Promise<Caller> {
    const paced = await PacedCaller.connect({ host, port, rateHz: CALLER_HZ }, systemClock);
    const caller = new Caller(paced);
    paced.identify(parseUuid(randomUUID()) ?? new Uint8Array(0));
    paced.speak();
    return caller;
  }

  private constructor(paced: PacedCaller) {
    this.#caller = paced;
    paced.start({
      packet: () => this.#packet(),
      received: (chunk) => this.#receive(chunk),
      lost: () => {},
    });
  }

  /** Speaks its first words so many ms from now. */
  begin(afterMs: number): void {
    this.#beginsMs = systemClock.nowMs() + afterMs;
  }

  end(): void {
    this.#caller.end('fin');
  }

  #packet(): Int16Array {
    const nowMs = systemClock.nowMs();
    const sinceMs = nowMs - this.#beginsMs;
    const speaking = sinceMs >= 0 && sinceMs < TURNS * TURN_MS && sinceMs % TURN_MS < SAID_MS;
    if (this.#wasSpeaking && !speaking) {
      this.turns.push({ endedMs: nowMs, answeredMs: undefined });
    }
    this.#wasSpeaking = speaking;
    return speaking ? sine(TONE_HZ, 20, CALLER_HZ) : new Int16Array(PACKET_SAMPLES);
  }

  #receive(chunk: Uint8Array): void {
    const nowMs = systemClock.nowMs();
    this.#rules.receive(chunk, nowMs);
    const turn = this.turns.at(-1);
    for (; this.#heard < this.#rules.frames.length; this.#heard += 1) {
      const frame = this.#rules.frames[this.#heard];
      if (turn !== undefined && turn.answeredMs === undefined && frame !== undefined) {
        turn.answeredMs = levelDbfs(frame.pcm) > LOUD_DBFS ? nowMs : undefined;
      }
    }
  }
}
