import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemClock } from '../../../src/base/clock.ts';
import { Secret } from '../../../src/base/secret.ts';
import { checkAri } from '../../../src/cli/check/ari-checks.ts';
import type { CheckItem } from '../../../src/cli/check/check-item.ts';
import { StrictAri, type StrictAriOptions } from '../../stand-ins/strict-ari.ts';
import { never } from '../../support/waiting.ts';

async function check(url: string | undefined): Promise<readonly CheckItem[]> {
  const config = { ari: url, ariUser: 'dragoman', ariApp: 'dragoman', ariPassword: new Secret('hush') };
  const items: CheckItem[] = [];
  for await (const item of checkAri(config, systemClock)(never())) {
    items.push(item);
  }
  return items;
}

describe('the check of ARI', () => {
  it('says nothing where there is none', async () => {
    assert.deepEqual(await check(undefined), []);
  });

  for (const [what, options, outcome, finding] of [
    ['can be used', {}, 'ok', /lets dragoman in, and gets calls here by Stasis\(dragoman\)/],
    ['refuses the password', { password: 'another' }, 'fails', /refuses the user or the password/],
    ['may only be read', { readOnly: true }, 'fails', /write read_only=no/],
    ['is not enabled', { enabled: false }, 'fails', /write enabled=yes/],
  ] as readonly (readonly [string, StrictAriOptions, string, RegExp])[]) {
    it(`says when it ${what}`, async (test) => {
      const ari = await StrictAri.open(options);
      test.after(() => ari.close());
      const [item] = await check(ari.url);
      assert.equal(item?.outcome, outcome);
      assert.match(item?.finding ?? '', finding);
    });
  }

  it('only warns when Asterisk is not there, since it is waited for', async () => {
    const ari = await StrictAri.open();
    const { url } = ari;
    await ari.close();
    const [item] = await check(url);
    assert.equal(item?.outcome, 'warning');
    assert.match(item?.finding ?? '', /cannot be reached/);
  });
});
