import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JitterBuffer } from '../../../src/media/hear/jitter-buffer.ts';
import { seededRandom } from '../../asterisk/audio.ts';
import { arrivals, hear, numberOf, packet } from './sent-packets.ts';

const upTo = (count: number, first = 0): number[] => Array.from({ length: count }, (_, i) => first + i);
const real = (numbers: readonly number[]): number[] => numbers.filter((number) => number >= 0);

describe('JitterBuffer', () => {
  it('holds an even stream for 20 ms and changes nothing', () => {
    const { numbers, longestMs, buffer } = hear(arrivals({ packets: 500 }));
    assert.deepEqual(real(numbers), upTo(500));
    assert.equal(longestMs, 20);
    assert.deepEqual(buffer.counts, {
      rtpLost: 0,
      rtpLate: 0,
      rtpDuplicates: 0,
      // Its end may be a loss.
      rtpMadeUp: 3,
      rtpDropped: 0,
      rtpStreams: 1,
    });
  });

  it('goes on where sequence numbers and timestamps begin again at 0', () => {
    for (const first of [65_400, 26_843_500]) {
      const { numbers, buffer } = hear(arrivals({ packets: 300, first }));
      assert.deepEqual(real(numbers), upTo(300, first & 0xffffff));
      assert.equal(buffer.counts.rtpLost + buffer.counts.rtpDropped, 0);
    }
  });

  for (const jitterMs of [50, 150]) {
    for (const loss of [0.01, 0.05, 0.2]) {
      it(`keeps order with a jitter of ${jitterMs} ms and ${loss * 100} % lost, and waits no longer than it must`, () => {
        const arriving = arrivals({ packets: 2_000, jitterMs, loss });
        const { numbers, longestMs, buffer } = hear(arriving, (atMs) => atMs % 3_000 < 600);
        const heard = real(numbers);
        assert.deepEqual(
          heard,
          [...heard].sort((one, other) => one - other),
        );
        assert.equal(new Set(heard).size, heard.length);
        const { rtpLate, rtpLost } = buffer.counts;
        assert.ok(rtpLate < 0.03 * arriving.length, `${rtpLate} late`);
        // Late ones are among the lost; what is lost at the very end nobody can know.
        assert.ok(Math.abs(rtpLost - rtpLate - (2_000 - arriving.length)) <= 15, `${rtpLost} lost`);
        assert.ok(longestMs <= jitterMs + 80, `${longestMs} ms`);
      });
    }
  }

  it('puts swapped packets back', () => {
    const arriving = arrivals({ packets: 400 }).map(({ packet: each, atMs }, index) => ({
      packet: each,
      atMs: atMs + (index % 10 === 3 ? 35 : 0),
    }));
    arriving.sort((one, other) => one.atMs - other.atMs);
    const { numbers, buffer } = hear(arriving);
    // The first one tells that the wait is too short.
    assert.deepEqual(
      real(numbers),
      upTo(400).filter((number) => number !== 3),
    );
    assert.equal(buffer.counts.rtpLost, 1);
  });

  it('hears what comes twice once', () => {
    const { numbers, buffer } = hear(arrivals({ packets: 200 }).flatMap((each) => [each, each]));
    assert.deepEqual(real(numbers), upTo(200));
    assert.equal(buffer.counts.rtpDuplicates, 200);
  });

  it('takes a silence for nothing sent, not for a loss', () => {
    // A phone that sends nothing in silence: 1 s of speech, 2 s of nothing.
    const sent = (number: number): boolean => number % 150 < 50;
    const { numbers, buffer } = hear(arrivals({ packets: 1_500, sent }));
    assert.deepEqual(real(numbers), upTo(1_500).filter(sent));
    assert.equal(buffer.counts.rtpLost, 0);
    // The end of each stretch might have been a loss: 60 ms.
    assert.equal(buffer.counts.rtpMadeUp, 30);
    assert.equal(buffer.delayMs, 0);
  });

  it('makes up for 60 ms of a longer loss, and then waits', () => {
    const arriving = arrivals({ packets: 300 }).filter((_, index) => index < 100 || index >= 120);
    const { numbers, buffer } = hear(arriving);
    assert.deepEqual(numbers.slice(100, 104), [-1, -1, -1, 120]);
    assert.equal(buffer.counts.rtpLost, 20);
  });

  it('says what comes right after a loss, where it is here by then', () => {
    const buffer = new JitterBuffer();
    const missing: (number | undefined)[] = [];
    for (const number of [0, 1, 3, 4, 7, 8]) {
      const nowMs = 1_000 + number * 20;
      buffer.put(packet(number), nowMs);
      for (let piece = buffer.take(nowMs); piece !== undefined; piece = buffer.take(nowMs)) {
        if (piece.type === 'missing') {
          missing.push(piece.next === undefined ? undefined : numberOf(piece.next));
        }
      }
    }
    assert.deepEqual(missing, [3, undefined, 7]);
  });

  it('waits as long as jitter asks, and no longer once it is over', () => {
    const shaky = arrivals({ packets: 1_000, jitterMs: 120 });
    const even = arrivals({ packets: 3_000 }).slice(1_000);
    const buffer = new JitterBuffer();
    let longestMs = 0;
    for (const { packet: each, atMs } of [...shaky, ...even]) {
      buffer.put(each, atMs);
      for (let piece = buffer.take(atMs); piece !== undefined; piece = buffer.take(atMs)) {
        buffer.quiet = atMs % 2_000 < 500;
      }
      longestMs = Math.max(longestMs, buffer.delayMs);
    }
    assert.ok(longestMs > 100 && longestMs <= 200, `${longestMs} ms`);
    assert.ok(buffer.delayMs <= 40, `${buffer.delayMs} ms`);
  });

  for (const [everyMs, quiet] of [
    [19.9, false],
    [20.1, true],
  ] as const) {
    const where = quiet ? 'in pauses' : 'without pauses';
    it(`follows for ten minutes a clock that takes ${everyMs} ms for 20, ${where}`, () => {
      const arriving = arrivals({ packets: 30_000, everyMs, jitterMs: 5 });
      const { numbers, skipped, longestMs, buffer } = hear(arriving, (atMs) => quiet && atMs % 4_000 < 500);
      assert.ok(longestMs <= 150, `${longestMs} ms`);
      assert.ok(buffer.counts.rtpLate <= 5, `${buffer.counts.rtpLate} late`);
      // 3 s too much or too little: 150 packets, one at a time.
      const change = everyMs < 20 ? skipped : numbers.length - real(numbers).length;
      assert.ok(change > 130 && change < 200, `${change}`);
      assert.equal(real(numbers).length + skipped, 30_000);
      assert.equal(buffer.counts.rtpStreams, 1);
    });
  }

  it('hears the end of what comes all at once after a stall', () => {
    const arriving = arrivals({ packets: 400 }).map(({ packet: each, atMs }, index) => ({
      packet: each,
      atMs: index >= 200 && index < 260 ? 1_000 + 260 * 20 : atMs,
    }));
    const { numbers, buffer } = hear(arriving, () => true);
    const heard = real(numbers);
    assert.deepEqual(heard.slice(0, 200), upTo(200));
    assert.deepEqual(heard.slice(-100), upTo(100, 300));
    assert.ok(buffer.counts.rtpDropped > 40 && buffer.counts.rtpDropped < 60, `${buffer.counts.rtpDropped}`);
    assert.ok(buffer.delayMs <= 200, `${buffer.delayMs} ms`);
  });

  it('follows another source from its second packet on, and no single packet', () => {
    const others = (first: number, count: number): { packet: ReturnType<typeof packet>; atMs: number }[] =>
      arrivals({ packets: count, first }).map(({ packet: each, atMs }) => ({
        packet: { ...each, ssrc: 9 },
        atMs,
      }));
    const one = hear([...arrivals({ packets: 100 }), ...others(5_000, 1)].sort((a, b) => a.atMs - b.atMs));
    assert.deepEqual(real(one.numbers), upTo(100));
    const after = others(5_000, 100).map(({ packet: each, atMs }) => ({ packet: each, atMs: atMs + 2_000 }));
    const two = hear([...arrivals({ packets: 100 }), ...after]);
    assert.deepEqual(real(two.numbers), [...upTo(100), ...upTo(99, 5_001)]);
    assert.equal(two.buffer.counts.rtpStreams, 2);
  });

  it('goes on with a stream whose times jump', () => {
    const arriving = arrivals({ packets: 200 }).map(({ packet: each, atMs }, index) => ({
      packet: { ...each, timestamp: (each.timestamp + (index < 100 ? 0 : 3_000_000_000)) >>> 0 },
      atMs,
    }));
    const { numbers, buffer } = hear(arriving);
    assert.ok(real(numbers).length >= 198, `${real(numbers).length}`);
    assert.equal(buffer.counts.rtpStreams, 2);
  });

  it('goes on with a stream whose times go back a little', () => {
    const arriving = arrivals({ packets: 200 }).map(({ packet: each, atMs }, index) => ({
      packet: { ...each, timestamp: each.timestamp - (index < 100 ? 0 : 8_000) },
      atMs,
    }));
    const { numbers } = hear(arriving);
    assert.ok(real(numbers).length >= 194, `${real(numbers).length}`);
  });

  it('hears packets of any length', () => {
    for (const durationMs of [10, 30, 60]) {
      const buffer = new JitterBuffer();
      const numbers: number[] = [];
      for (let number = 0; number < 100; number += 1) {
        const nowMs = 1_000 + number * durationMs;
        buffer.put(packet(number, { timestamp: number * durationMs * 8, durationMs }), nowMs);
        for (let ms = 0; ms < durationMs; ms += 10) {
          for (let piece = buffer.take(nowMs + ms); piece !== undefined; piece = buffer.take(nowMs + ms)) {
            numbers.push(piece.type === 'packet' ? numberOf(piece.packet) : -1);
          }
        }
      }
      assert.deepEqual(real(numbers).slice(0, 95), upTo(95), `${durationMs} ms: ${numbers}`);
      assert.equal(buffer.counts.rtpLost, 0);
    }
  });

  it('holds no more than 64 packets, however short they are', () => {
    const buffer = new JitterBuffer();
    for (let number = 0; number < 1_000; number += 1) {
      buffer.put(packet(number, { timestamp: number * 8, durationMs: 1 }), 1_000);
    }
    let heard = 0;
    for (let piece = buffer.take(2_000); piece !== undefined; piece = buffer.take(2_000)) {
      heard += piece.type === 'packet' ? 1 : 0;
    }
    assert.equal(heard, 64);
    assert.equal(buffer.counts.rtpDropped, 1_000 - 64);
  });

  it('stands whatever comes', () => {
    const next = seededRandom(5);
    const buffer = new JitterBuffer();
    for (let index = 0; index < 20_000; index += 1) {
      const nowMs = 1_000 + index / 50;
      const spread = index % 3 === 0 ? 4 : 2 ** 32;
      buffer.put(
        packet(index, {
          sequence: Math.floor(next() * 65_536),
          timestamp: Math.floor(next() * spread),
          ssrc: Math.floor(next() * 2),
          durationMs: 0.125 + Math.floor(next() * 200),
        }),
        nowMs,
      );
      if (index % 100 === 0) {
        let pieces = 0;
        for (let piece = buffer.take(nowMs); piece !== undefined; piece = buffer.take(nowMs)) {
          pieces += 1;
        }
        assert.ok(pieces <= 80, `${pieces}`);
      }
    }
  });
});
