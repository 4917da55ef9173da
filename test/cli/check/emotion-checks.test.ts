import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Secret } from '../../../src/base/secret.ts';
import type { CheckItem } from '../../../src/cli/check/check-item.ts';
import { checkEmotion } from '../../../src/cli/check/emotion-checks.ts';
import { patientClock } from '../../engines/patient-clock.ts';
import { HUME_KEY, HumeStandIn } from '../../stand-ins/hume.ts';
import { never } from '../../support/waiting.ts';

/** What is found with this key. */
async function found(t: TestContext, emotion: 'off' | 'hume', key?: string): Promise<readonly CheckItem[]> {
  const server = await HumeStandIn.open(() => []);
  t.after(() => server.close());
  const providers = key === undefined ? {} : { hume: { apiKey: new Secret(key), url: server.url } };
  const settings = { clock: patientClock, sttModels: new Map(), providers };
  const items: CheckItem[] = [];
  for await (const item of checkEmotion({ emotion, emotionOf: ['a'] }, settings)(never())) {
    items.push(item);
  }
  assert.deepEqual(server.frames, [], 'no sound is sent');
  return items;
}

describe('checkEmotion', () => {
  it('says whose voices are heard where that works', async (t) => {
    const [item] = await found(t, 'hume', HUME_KEY);
    assert.deepEqual([item?.outcome, item?.finding], ['ok', 'hears the voices of a']);
  });

  it('says what to do about a key that is refused, or missing', async (t) => {
    const [refused] = await found(t, 'hume', 'another-key-0123456789');
    assert.equal(refused?.outcome, 'fails');
    assert.match(refused?.finding ?? '', /check HUME_API_KEY/);
    const [missing] = await found(t, 'hume');
    assert.match(missing?.finding ?? '', /needs HUME_API_KEY/);
  });

  it('says nothing where nobody is judged', async (t) => {
    assert.deepEqual(await found(t, 'off', HUME_KEY), []);
  });
});
