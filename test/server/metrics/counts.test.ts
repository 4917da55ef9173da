/** What objects count is there to be seen: a count that nobody reads tells nobody anything. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { countNames, readSources } from '../../support/sources.ts';

const sources = readSources('src', 'workers');
const names = countNames(sources);

describe('what is counted', () => {
  it('is found in the sources', () => {
    assert.ok(names.size > 100, `only ${names.size} names`);
    for (const name of ['framesIn', 'callsHandedOver', 'noted', 'ariPhones', 'rtpLost', 'engineUnderWay']) {
      assert.ok(names.has(name), name);
    }
  });

  it('is read by a metric, or by who reports', () => {
    const metrics = sources.filter(({ file }) => file.startsWith('src/server/metrics/'));
    const unread = [...names].filter(
      ([name]) =>
        !metrics.some(({ text }) => new RegExp(`'${name}'|\\b${name}:`).test(text)) &&
        !sources.some(({ text }) => new RegExp(`\\b(number|tally)\\('${name}'\\)`).test(text)),
    );
    assert.deepEqual(unread, []);
  });

  it('is what metrics read', () => {
    const catalogue = sources.find(({ file }) => file.endsWith('/metric-catalogue.ts'))?.text ?? '';
    const read = [
      ...[...catalogue.matchAll(/\b(?:count|tally|wordTally)\('(\w+)'/g)].map(([, name = '']) => name),
      ...[...catalogue.matchAll(/\b(?:sumOf|running)\(([^)]*)\)/g)].flatMap(([, list = '']) =>
        [...list.matchAll(/'(\w+)'/g)].map(([, name = '']) => name),
      ),
      ...[...catalogue.matchAll(/\b(?:counts\('\w+', |buckets\()\{([^}]*)\}/g)].flatMap(([, list = '']) =>
        [...list.matchAll(/(\w+):/g)].map(([, name = '']) => name),
      ),
    ];
    assert.ok(read.length > 80, `only ${read.length} are found`);
    assert.deepEqual(
      read.filter((name) => !names.has(name)),
      [],
    );
  });
});
