/** What can be said of the samples in `dialplan/` without an Asterisk. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';

const FOLDER = new URL('../../../dialplan/', import.meta.url);
const STEP = /^(?:exten|\s*same)\s*=>\s*[^,]+,(?:\d+,)?(.*)$/;

/** Each file's steps, in their order. */
function steps(name: string): readonly string[] {
  return readFileSync(new URL(name, FOLDER), 'utf8')
    .split('\n')
    .flatMap((line) => STEP.exec(line)?.[1] ?? []);
}

describe('the sample dialplan', () => {
  it('leaves the options of CURL() to whom the channel belongs, but for its own requests', () => {
    let requests = 0;
    for (const name of readdirSync(FOLDER).filter((file) => file.endsWith('.conf'))) {
      const all = steps(name);
      for (const [at, step] of all.entries()) {
        if (step.includes('${CURL(')) {
          requests += 1;
          assert.match(all[at - 1] ?? '', /Gosub\(dragoman,curl_ours,1\)/, `${name}: ${step}`);
          assert.match(all[at + 1] ?? '', /Gosub\(dragoman,curl_theirs,1\)/, `${name}: ${step}`);
        }
      }
    }
    assert.equal(requests, 2);
    const set = steps('register.conf').flatMap((step) => /Set\(CURLOPT\((\w+)\)/.exec(step)?.[1] ?? []);
    // Set once, and put back once; headers cannot be.
    assert.deepEqual(set.slice(0, set.length / 2), set.slice(set.length / 2));
    assert.deepEqual([...new Set(set)].sort(), ['conntimeout', 'hashcompat', 'httptimeout', 'userpwd']);
    assert.doesNotMatch(steps('agents.conf').join('\n'), /Set\(CURLOPT/);
  });
});
