import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chrf } from '../../../src/interpret/exactness/chrf.ts';
import { segmentsOf } from './cutting-bench.ts';
import { readCatalogue } from './message-catalogue.ts';

describe('chrF2', () => {
  it('is 100 for what is the same, spaces aside, and 0 for what shares nothing', () => {
    assert.equal(chrf([['buenos días', 'buenosdías']]), 100);
    assert.equal(chrf([['abc', 'xyz']]), 0);
  });

  it('weighs what is missing twice as much as what is too much', () => {
    // 1-grams: precision 1, recall 2/3: 5 * 1 * 2/3 / (4 + 2/3) = 0.7143; 2-grams: 1 and 1/2: 5 * 0.5 / 4.5 = 0.5556.
    // No 3-gram in the translation. The mean of both orders is 63.49.
    assert.ok(Math.abs(chrf([['ab', 'abc']]) - 63.49) < 0.01);
    assert.ok(chrf([['abc', 'ab']]) > chrf([['ab', 'abc']]));
  });
});

describe('a message catalogue', () => {
  it('gives its pairs', () => {
    // Header of 28 bytes, a table of one entry for each language, the two texts.
    const bytes = Buffer.alloc(56);
    bytes.writeUInt32LE(0x950412de, 0);
    bytes.writeUInt32LE(1, 8);
    bytes.writeUInt32LE(28, 12);
    bytes.writeUInt32LE(36, 16);
    bytes.writeUInt32LE(3, 28);
    bytes.writeUInt32LE(44, 32);
    bytes.writeUInt32LE(4, 36);
    bytes.writeUInt32LE(48, 40);
    bytes.write('yes', 44);
    bytes.write('sí.', 48);
    assert.deepEqual(readCatalogue(bytes), [{ source: 'yes', reference: 'sí.' }]);
    assert.deepEqual(readCatalogue(Buffer.from('no catalogue')), []);
  });
});

describe('a sentence heard word by word', () => {
  it('is cut into segments that hold every word once, in order', () => {
    const sentence = 'When the bus comes to the station, we will go and buy two tickets for the next train.';
    const segments = segmentsOf(sentence);
    assert.ok(segments.length > 1, segments.join(' | '));
    assert.equal(segments.join(' '), sentence);
  });
});
