/**
 * Calls on a real Asterisk that outlive their node: killed, stopped, asked to end. Three nodes by a real NATS, and the
 * sample dialplan of several nodes. How long nobody heard anybody is printed; a busy machine makes it longer.
 */

import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { parseWav, WAV_HEADER_BYTES, type Wav } from '../../src/protocol/wav.ts';
import { concatPcm, isTone, loadLibrivoxClips, silence, sine, sliceMs } from '../asterisk/audio.ts';
import { VoskStandIn } from '../stand-ins/vosk.ts';
import { Nats, withoutNats } from '../support/nats.ts';
import { freePort } from '../support/ports.ts';
import { eventually, pass } from '../support/waiting.ts';
import { DragomanProcess } from './dragoman-process.ts';
import { DRAGOMAN_AWAY, DRAGOMAN_GONE, hearBoth, PARTY_HUNG_UP, PREFIX, type Way } from './exchange.ts';
import { Phone, type PhoneOptions } from './phone.ts';
import { Testbed } from './testbed.ts';
import { wordHeard } from './word-heard.ts';

const NAMES = ['one', 'two', 'three'] as const;
const RUNS_LIMIT_MS = 90_000;
const TRANSLATED_LIMIT_MS = 90_000;
/** How long both are heard before, and after, their node is lost. */
const HEARD_MS = 2_000;
/** What nobody may miss: far less than the 3 s for which a party is waited for. */
const GAP_LIMIT_MS = 2_500;
/** So much at most, with the time that the machine was full about then: a phone or Asterisk stands still, too. */
const FULL_GAP_LIMIT_MS = 10_000;
/** By how much what is recorded may be elsewhere in time than where it is looked for. */
const ABOUT_MS = 2_000;
/** A node that is stopped is killed after 1.5 s. */
const FROZEN_GAP_LIMIT_MS = 1_500 + GAP_LIMIT_MS;
/** No node is waited for as long as its calls last. */
const DRAIN_S = 180;
/** Somebody sounds all the time, so calls go after 20 s; on a full machine their legs need a while to have come elsewhere. */
const DRAINED_LIMIT_MS = 90_000;
const ENDING_LIMIT_MS = 60_000;
const RECORDED_LIMIT_MS = 60_000;
const CALLER_HZ = 600;
const CALLEE_HZ = 900;
const PAIRS = 4;
/** Said again and again, for which the recogniser hears a word that Apertium renders. */
const CLIP = 1;
const TRANSLATING = [
  ...['--pair', 'en:es', '--announcement', 'off'],
  ...['--stt', 'vosk', '--mt', 'apertium', '--tts', 'espeak-ng'],
];

interface Node {
  readonly name: string;
  readonly address: string;
  process: DragomanProcess;
}

/** What both phones of a pair heard, from when on. */
interface Recorded {
  readonly sounds: readonly [Wav, Wav];
  /** In ms of the clock. */
  readonly fromMs: number;
}

/** A time in which nothing was heard. */
interface Gap {
  readonly fromMs: number;
  readonly ms: number;
}

/** Starts the node that has a name and an address. */
type StartNode = (name: string, address: string) => Promise<DragomanProcess>;

class Nodes {
  readonly testbed: Testbed;
  readonly #nats: Nats;
  readonly #nodes: readonly Node[];
  readonly #start: StartNode;

  /** All that a file needs, or why this machine cannot have it. */
  static async open(
    flags: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<Nodes | string> {
    const without = withoutNats();
    if (without !== undefined) {
      return without;
    }
    const addresses = await Promise.all(NAMES.map(async () => `127.0.0.1:${await freePort()}`));
    const numbers = Array.from({ length: PAIRS }, (_, pair) => [`a${pair}`, `b${pair}/${210 + pair}`]);
    const testbed = await Testbed.open({
      dragoman: addresses[0] ?? '',
      globals: { DRAGOMAN_NODES: addresses.join('/'), DRAGOMAN_CONFERENCE: addresses.join('/') },
      morePhones: numbers.flat(),
    });
    if (typeof testbed === 'string') {
      return testbed;
    }
    const nats = await Nats.open({ jetStream: true });
    const nodes: Node[] = [];
    const start: StartNode = (name, address) => startNode(name, address, nats, flags, environment);
    for (const [index, name] of NAMES.entries()) {
      const address = addresses[index] ?? '';
      nodes.push({ name, address, process: await start(name, address) });
    }
    return new Nodes(testbed, nats, nodes, start);
  }

  private constructor(testbed: Testbed, nats: Nats, nodes: readonly Node[], start: StartNode) {
    this.testbed = testbed;
    this.#nats = nats;
    this.#nodes = nodes;
    this.#start = start;
  }

  /** Starts those again that have ended. */
  async mend(): Promise<void> {
    for (const node of this.#nodes) {
      if (node.process.ended) {
        node.process = await this.#start(node.name, node.address);
      }
    }
  }

  others(than: Node): readonly Node[] {
    return this.#nodes.filter((node) => node !== than);
  }

  /** The node of these that has a call with both its parties, and what it is called. @param wanted which call; default any. */
  async whereIs(
    nodes: readonly Node[] = this.#nodes,
    wanted: (call: string) => boolean = () => true,
  ): Promise<{ node: Node; call: string }> {
    let found: { node: Node; call: string } | undefined;
    await eventually('a call is at a node', RUNS_LIMIT_MS, async () => {
      for (const node of nodes) {
        assert.equal(node.process.ended, false, `${node.name} has ended: ${node.process.errors}`);
        for (const { call, parties } of await node.process.calls()) {
          if (parties.length === 2 && parties.every(({ state }) => isThere(state)) && wanted(call)) {
            found = { node, call };
          }
        }
      }
      return found !== undefined;
    });
    assert.ok(found !== undefined);
    return found;
  }

  /** A call of pair 3 in which nobody says anything, at another node than `node`; moved there, if need be. */
  async bystander(
    t: TestContext,
    { node, call }: { node: Node; call: string },
  ): Promise<readonly [Phone, Phone]> {
    const nothing: Wav = { rateHz: 16_000, pcm: silence(1_000, 16_000) };
    const phones = await this.call(t, 3, '9', [nothing, nothing]);
    const other = await this.whereIs(this.#nodes, (each) => each !== call);
    if (other.node === node) {
      // It is refused while the others have not been heard of for a moment.
      await eventually('the other call is handed over', RUNS_LIMIT_MS, async () => {
        const status = await node.process.post(`/api/v1/calls/${other.call}/handover`, {});
        assert.ok(status === 202 || status === 409, `it is answered with ${status}`);
        return status === 202;
      });
      await this.whereIs(this.others(node), (each) => each === other.call);
    }
    return phones;
  }

  async call(
    t: TestContext,
    pair: number,
    way: Way,
    say: readonly [Wav, Wav],
  ): Promise<readonly [Phone, Phone]> {
    const [a, b] = await this.#phones(t, pair, say);
    await a.dial(`${PREFIX}${way}${210 + pair}`);
    await Promise.all([a.until('CALL_ESTABLISHED'), b.until('CALL_ESTABLISHED')]);
    return [a, b];
  }

  /** Both phones of a pair dial into room 00 by themselves, and speak its first and its second language. */
  async conference(t: TestContext, pair: number, say: readonly [Wav, Wav]): Promise<readonly [Phone, Phone]> {
    const [a, b] = await this.#phones(t, pair, say);
    await Promise.all([a.dial(`${PREFIX}6100`), b.dial(`${PREFIX}6200`)]);
    await Promise.all([a.until('CALL_ESTABLISHED'), b.until('CALL_ESTABLISHED')]);
    return [a, b];
  }

  #phones(t: TestContext, pair: number, say: readonly [Wav, Wav]): Promise<readonly [Phone, Phone]> {
    const open = async (options: PhoneOptions): Promise<Phone> => {
      const phone = await Phone.open(this.testbed, options);
      t.after(() => phone.close());
      return phone;
    };
    return Promise.all([open({ user: `a${pair}`, say: say[0] }), open({ user: `b${pair}`, say: say[1] })]);
  }

  /** Has Asterisk record what both phones of a pair hear from now on. */
  async record(pair: number): Promise<() => Promise<Recorded>> {
    const fromMs = systemClock.nowMs();
    const names = ['a', 'b'].map((side) => `${side}${pair}-${systemClock.nowMs().toFixed(0)}.wav`);
    const channels = await this.testbed.channels();
    for (const [index, side] of ['a', 'b'].entries()) {
      const channel = channels.find((name) => name.startsWith(`PJSIP/${side}${pair}-`));
      assert.ok(channel !== undefined, `${side}${pair} is in no call`);
      await this.testbed.cli(`mixmonitor start ${channel} all-${names[index]},t(${names[index]})`);
    }
    // Until Asterisk closes a file, some time after the call, its header says that there is nothing in it.
    return () =>
      eventually('Asterisk has recorded what both heard', RECORDED_LIMIT_MS, async () => {
        const recordings = await this.testbed.recordings();
        const [a, b] = names.map((name) => wholeWav(recordings.get(name)));
        return a !== undefined && b !== undefined ? { sounds: [a, b], fromMs } : undefined;
      });
  }

  async close(): Promise<void> {
    const complaints = await this.testbed.complaints([...PARTY_HUNG_UP, ...DRAGOMAN_GONE, ...DRAGOMAN_AWAY]);
    await this.testbed.close({ emptied: false });
    for (const { process } of this.#nodes) {
      await process.close();
    }
    await this.#nats.close();
    assert.deepEqual(complaints, [], "Asterisk's log holds what no test calls for");
  }
}

function wholeWav(bytes: Buffer | undefined): Wav | undefined {
  const wav = bytes === undefined || bytes.length < WAV_HEADER_BYTES ? undefined : parseWav(bytes);
  return wav === undefined || wav.pcm.length === 0 ? undefined : wav;
}

function startNode(
  name: string,
  address: string,
  nats: Nats,
  flags: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<DragomanProcess> {
  const words = [
    '--cluster',
    `nats://${nats.address}`,
    '--node-name',
    name,
    '--drain-timeout',
    String(DRAIN_S),
  ];
  return DragomanProcess.start([address], [...flags, ...words], environment);
}

function isThere(state: string): boolean {
  return state === 'CONNECTED' || state === 'TRANSLATING';
}

function tones(): readonly [Wav, Wav] {
  const tone = (toneHz: number): Wav => ({ rateHz: 16_000, pcm: sine(toneHz, 90_000, 16_000, 0.25) });
  return [tone(CALLER_HZ), tone(CALLEE_HZ)];
}

/**
 * When each heard nothing of the other, from the first sound to the last; by 20 ms. Asterisk has recorded it: a phone
 * writes nothing while it is sent nothing, so what it keeps has no gaps.
 */
function gapsOf({ sounds, fromMs }: Recorded): readonly (readonly Gap[])[] {
  return [CALLEE_HZ, CALLER_HZ].map((toneHz, side) => {
    const { pcm, rateHz } = sounds[side] ?? { pcm: new Int16Array(0), rateHz: 8_000 };
    const gaps: Gap[] = [];
    let [gapMs, heardMs] = [0, 0];
    for (let atMs = 0; ((atMs + 20) * rateHz) / 1_000 <= pcm.length; atMs += 20) {
      if (isTone(sliceMs(pcm, rateHz, atMs, atMs + 20), toneHz, rateHz)) {
        if (heardMs > 0 && gapMs > 0) {
          gaps.push({ fromMs: fromMs + atMs - gapMs, ms: gapMs });
        }
        [gapMs, heardMs] = [0, heardMs + 20];
      } else {
        gapMs += 20;
      }
    }
    assert.ok(heardMs >= HEARD_MS, `the other was heard for ${heardMs} ms in all`);
    return gaps;
  });
}

/** Tells for how long nobody was heard. @returns the gaps of both. */
function toldGaps(t: TestContext, what: string, recorded: Recorded): readonly Gap[] {
  const gaps = gapsOf(recorded);
  const longest = gaps.map((each) => Math.max(0, ...each.map(({ ms }) => ms)));
  t.diagnostic(`${what}: nothing was heard for ${longest.join(' and ')} ms`);
  return gaps.flat();
}

/** Asserts that no gap is longer than that, but for as long as the machine was full. */
function assertShort(gaps: readonly Gap[], limitMs: number, { testbed }: Nodes): void {
  for (const { fromMs, ms } of gaps) {
    const fullMs = testbed.fullness.fullMs(fromMs - ABOUT_MS, fromMs + ms + ABOUT_MS);
    const mostMs = Math.min(limitMs + fullMs, FULL_GAP_LIMIT_MS);
    assert.ok(
      ms <= mostMs,
      `nothing was heard for ${ms} ms, the machine was full for ${fullMs} ms about then`,
    );
  }
}

async function end(phones: readonly [Phone, Phone]): Promise<void> {
  assert.equal(phones[0].count('CALL_CLOSED') + phones[1].count('CALL_CLOSED'), 0, 'no phone was hung up');
  await phones[0].hangUp();
  await phones[1].until('CALL_CLOSED', ENDING_LIMIT_MS);
  await hearBoth(phones);
}

describe('calls on a real Asterisk whose node goes', () => {
  let opened: Nodes | string | undefined;
  before(async () => {
    opened = await Nodes.open(['--pair', 'en:es', '--mode', 'passthrough']);
  });
  after(async () => {
    if (opened instanceof Nodes) {
      await opened.close();
    }
  });

  const there = (t: TestContext): Nodes | undefined => {
    if (opened instanceof Nodes) {
      return opened;
    }
    t.skip(opened ?? 'the nodes did not open');
    return undefined;
  };

  for (const [what, way, lose, limitMs] of [
    ['is killed, 8 kHz', '8', (node: DragomanProcess) => node.kill(), GAP_LIMIT_MS],
    ['is killed, wideband', '9', (node: DragomanProcess) => node.kill(), GAP_LIMIT_MS],
    ['stands still', '9', (node: DragomanProcess) => node.freeze(), FROZEN_GAP_LIMIT_MS],
  ] as const) {
    it(`go on at another when it ${what}, and no other call notices`, async (t) => {
      const nodes = there(t);
      if (nodes === undefined) {
        return;
      }
      await nodes.mend();
      const phones = await nodes.call(t, 0, way, tones());
      const { node, call } = await nodes.whereIs();
      const bystander = await nodes.bystander(t, { node, call });
      const heard = await nodes.record(0);
      await pass(HEARD_MS);
      const endedBefore = await Promise.all(nodes.others(node).map((other) => legsEnded(other)));
      const lostMs = systemClock.nowMs();
      await lose(node.process);
      const { node: next } = await nodes.whereIs(nodes.others(node), (each) => each === call);
      t.diagnostic(`both legs are at ${next.name} after ${Math.round(systemClock.nowMs() - lostMs)} ms`);
      await pass(HEARD_MS);
      const endedAfter = await Promise.all(nodes.others(node).map((other) => legsEnded(other)));
      assert.deepEqual(endedAfter, endedBefore, 'no leg of another node has ended');
      await Promise.all([end(phones), end(bystander)]);
      assertShort(toldGaps(t, `the node ${what}`, await heard()), limitMs, nodes);
    });
  }

  it('are handed over when it is asked to end, and it ends long before they do', async (t) => {
    const nodes = there(t);
    if (nodes === undefined) {
      return;
    }
    await nodes.mend();
    const phones = await nodes.call(t, 1, '9', tones());
    const { node, call } = await nodes.whereIs();
    const heard = await nodes.record(1);
    await pass(HEARD_MS);
    node.process.terminate();
    await node.process.untilEnded(DRAINED_LIMIT_MS);
    await nodes.whereIs(nodes.others(node), (each) => each === call);
    await pass(HEARD_MS);
    await end(phones);
    assertShort(toldGaps(t, 'the node was asked to end', await heard()), GAP_LIMIT_MS, nodes);
  });

  it('are bridged plainly when all nodes are gone', async (t) => {
    const nodes = there(t);
    if (nodes === undefined) {
      return;
    }
    await nodes.mend();
    const phones = await nodes.call(t, 2, '8', tones());
    const { node } = await nodes.whereIs();
    const heard = await nodes.record(2);
    await pass(HEARD_MS);
    await Promise.all([node, ...nodes.others(node)].map((each) => each.process.kill()));
    await eventually('the parties are bridged', RUNS_LIMIT_MS, async () =>
      /!Bridge!/.test(await nodes.testbed.cli('core show channels concise')),
    );
    await pass(HEARD_MS);
    await end(phones);
    toldGaps(t, 'all nodes were killed', await heard());
  });
});

for (const [what, lose] of [
  ['is killed', (node: DragomanProcess) => node.kill()],
  ['is asked to end', async (node: DragomanProcess) => node.terminate()],
] as const) {
  describe(`a conference on a real Asterisk whose node ${what}`, () => {
    let opened: Nodes | string | undefined;
    before(async () => {
      opened = await Nodes.open(['--pairing', 'room', '--parties', 'en,es', '--mode', 'passthrough']);
    });
    after(async () => {
      if (opened instanceof Nodes) {
        await opened.close();
      }
    });

    it('goes on at another', async (t) => {
      if (!(opened instanceof Nodes)) {
        t.skip(opened ?? 'the nodes did not open');
        return;
      }
      const nodes = opened;
      const phones = await nodes.conference(t, 0, tones());
      const { node, call } = await nodes.whereIs();
      const heard = await nodes.record(0);
      await pass(HEARD_MS);
      await lose(node.process);
      await nodes.whereIs(nodes.others(node), (each) => each === call);
      await pass(HEARD_MS);
      assert.doesNotMatch(await nodes.testbed.cli('core show channels concise'), /!ConfBridge!/);
      await node.process.untilEnded(DRAINED_LIMIT_MS);
      await Promise.all(phones.map((phone) => phone.hangUp()));
      assertShort(toldGaps(t, `the node ${what}`, await heard()), GAP_LIMIT_MS, nodes);
    });
  });
}

describe('a call on a real Asterisk that is translated when its node is killed', () => {
  let opened: Nodes | string | undefined;
  let stt: VoskStandIn;
  before(async () => {
    stt = await VoskStandIn.open({ hear: wordHeard('young') });
    opened = await Nodes.open(TRANSLATING, { VOSK_URL: `en=${stt.url},es=${stt.url}` });
  });
  after(async () => {
    if (opened instanceof Nodes) {
      await opened.close();
    }
    await stt.close();
  });

  it('is translated at the next, as the same call', async (t) => {
    if (!(opened instanceof Nodes)) {
      t.skip(opened ?? 'the nodes did not open');
      return;
    }
    const nodes = opened;
    const clip = loadLibrivoxClips()[CLIP]?.pcm ?? new Int16Array(0);
    // Again and again: the first time that it is said as a whole at the next node it is translated there.
    const said = concatPcm(
      silence(1_000, 16_000),
      ...Array.from({ length: 12 }, () => [clip, silence(2_000, 16_000)]).flat(),
    );
    const nothing = { rateHz: 16_000, pcm: silence(1_000, 16_000) };
    const phones = await nodes.call(t, 0, '9', [{ rateHz: 16_000, pcm: said }, nothing]);
    const { node, call } = await nodes.whereIs();
    await pass(4_000);
    const lostMs = systemClock.nowMs();
    await node.process.kill();
    const { node: next } = await nodes.whereIs(nodes.others(node), (each) => each === call);
    await eventually('it is translated again', TRANSLATED_LIMIT_MS, async () => {
      const spoken = await next.process.samples('translations_completed_total');
      return [...spoken.values()].some((count) => count > 0);
    });
    t.diagnostic(`translated again ${Math.round(systemClock.nowMs() - lostMs)} ms after the node was killed`);
    await end(phones);
  });
});

function legsEnded({ process }: Node): Promise<number> {
  return process.metric('dragoman_legs_ended_total');
}
