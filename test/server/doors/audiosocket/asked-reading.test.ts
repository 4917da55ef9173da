import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AskedReading } from '../../../../src/server/doors/audiosocket/asked-reading.ts';

/** What one system call finds: so many bytes, nothing, the end, or a connection that is broken. */
type Found = number | 'nothing' | 'end' | 'reset';

/** A connection of which the test says what each read finds; then there is nothing. */
class Connection {
  destroyed = false;
  readonly told: string[] = [];
  readonly #finds: Found[] = [];
  readonly reading: AskedReading;

  constructor() {
    this.reading = new AskedReading(this, 7, (descriptor, into) => this.#read(descriptor, into), {
      read: (bytes) => this.told.push(`${bytes.length} of ${bytes[0]}`),
      broken: (error) => this.told.push(`broken ${error instanceof Error ? error.message : ''}`),
    });
  }

  pause(): void {
    this.told.push('paused');
  }

  resume(): void {
    this.told.push('resumed');
  }

  finds(...found: Found[]): void {
    this.#finds.push(...found);
  }

  /** What it told since the last call. */
  heard(): readonly string[] {
    return this.told.splice(0);
  }

  #read(descriptor: number, into: Uint8Array): number {
    assert.equal(descriptor, 7);
    const found = this.#finds.shift() ?? 'nothing';
    switch (found) {
      case 'nothing':
        throw Object.assign(new Error('again'), { code: 'EAGAIN' });
      case 'reset':
        throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
      case 'end':
        return 0;
      default:
        into.fill(found % 256, 0, found);
        return found;
    }
  }
}

describe('AskedReading', () => {
  it('reads once for each asking, and the loop tells of nothing meanwhile', () => {
    const connection = new Connection();
    connection.finds(323, 'nothing', 323, 646);
    for (let asked = 0; asked < 4; asked += 1) {
      connection.reading.ask();
    }
    assert.deepEqual(connection.heard(), ['paused', '323 of 67', '323 of 67', '646 of 134']);
    assert.equal(connection.reading.bytes, 1_292);
    connection.reading.asItComes();
    connection.reading.asItComes();
    assert.deepEqual(connection.heard(), ['resumed']);
    connection.finds(323);
    connection.reading.ask();
    assert.deepEqual(connection.heard(), ['paused', '323 of 67']);
  });

  it('reads on while there is as much as it takes at once, but leaves who sends without end for the next asking', () => {
    const connection = new Connection();
    connection.finds(65_536, 65_536, 10);
    connection.reading.ask();
    assert.deepEqual(connection.heard(), ['paused', '65536 of 0', '65536 of 0', '10 of 10']);
    connection.finds(...Array<number>(10).fill(65_536));
    connection.reading.ask();
    assert.equal(connection.heard().length, 4);
  });

  it('leaves the end of a connection to the stream, and tells itself of one that is broken', () => {
    const ended = new Connection();
    ended.finds('end');
    ended.reading.ask();
    assert.deepEqual(ended.heard(), ['paused', 'resumed']);
    const broken = new Connection();
    broken.finds('reset');
    broken.reading.ask();
    assert.deepEqual(broken.heard(), ['paused', 'broken reset']);
  });

  it('reads nothing of a connection that is destroyed by what it has read', () => {
    const connection = new Connection();
    connection.finds(65_536, 65_536);
    connection.told.push = (...told: string[]): number => {
      connection.destroyed = told.some((each) => each.startsWith('65536'));
      return Array.prototype.push.apply(connection.told, told);
    };
    connection.reading.ask();
    connection.reading.ask();
    assert.deepEqual(connection.heard(), ['paused', '65536 of 0']);
  });

  it('has the loop tell of who was asked in vain three times, and asks again a second later', () => {
    const connection = new Connection();
    for (let asked = 0; asked < 3 + 50; asked += 1) {
      connection.reading.ask();
    }
    assert.deepEqual(connection.heard(), ['paused', 'resumed']);
    connection.finds(323);
    connection.reading.ask();
    assert.deepEqual(connection.heard(), ['paused', '323 of 67']);
  });
});
