import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { silentLog } from '../../../src/base/log.ts';
import { checkProfiles } from '../../../src/cli/check/profile-checks.ts';
import { openLibrary } from '../../../src/cli/open-voices.ts';
import type { VoiceProfile } from '../../../src/voices/profile.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { never } from '../../support/waiting.ts';
import { someProfile } from '../../voices/some-profile.ts';

const folder = mkdtempSync(join(tmpdir(), 'dragoman-check-voices-'));
after(() => rmSync(folder, { recursive: true }));

/** What is found of a store at `path`. */
async function found(path: string | undefined, tts: readonly string[] = ['elevenlabs', 'espeak-ng']) {
  const items: string[] = [];
  const config = { voicesDb: path, voicesDbUrl: undefined, tts };
  for await (const { outcome, subject, finding } of checkProfiles(config, new FakeClock())(never())) {
    assert.equal(subject, '--voices-db');
    items.push(`${outcome}: ${finding}`);
  }
  return items;
}

async function stored(name: string, profiles: readonly VoiceProfile[]): Promise<string> {
  const path = join(folder, name);
  const library = openLibrary({ voicesDb: path, voicesDbUrl: undefined }, new FakeClock(), silentLog);
  for (const profile of profiles) {
    assert.equal(await library?.write(profile, undefined, [], never()), true);
  }
  await library?.close();
  return path;
}

describe('checkProfiles', () => {
  it('says how many there are and how long a look-up takes', async () => {
    const path = await stored(
      'two.db',
      [1, 2].map((number) => plain(`ana${number}`)),
    );
    const [item, ...more] = await found(path);
    assert.match(item ?? '', /^(?:ok|warning): 2 profiles; a look-up takes [\d.]+ ms, [\d.]+ at most/);
    assert.deepEqual(more, []);
  });

  it('warns of those that speak for nobody, by why, and of voices that no engine here has', async () => {
    const { consent, ...unasked } = plain('ben');
    assert.ok(consent !== undefined);
    const path = await stored('some.db', [
      someProfile(),
      unasked,
      { ...plain('carla'), consent: { ...consent, until: '2020-01-01T00:00:00.000Z' } },
      { ...plain('dora'), leaving: true },
    ]);
    const [counted, ...warnings] = await found(path, ['espeak-ng']);
    assert.match(counted ?? '', /4 profiles/);
    assert.deepEqual(
      warnings.map((warning) => warning.slice(0, 60)),
      [
        'warning: 1 of the profiles has no record of consent: write w',
        'warning: 1 of the profiles has a consent that has ended: ask',
        'warning: 1 of the profiles has been deleted, and a provider ',
        "warning: 1 of the voices is elevenlabs's, which is not set u",
      ],
    );
    assert.ok(warnings.slice(0, 3).every((warning) => warning.includes('"dragoman voice list" names them')));
  });

  it('warns of speakers whose voice only an engine has that does not speak first', async () => {
    const path = await stored('second.db', [
      someProfile(),
      plain('ben'),
      someProfile({ speaker: 'carla', leaving: true }),
    ]);
    const [, ...warnings] = await found(path, ['xtts', 'elevenlabs']);
    assert.match(warnings[0] ?? '', /^warning: 1 of the profiles has been deleted/);
    assert.match(
      warnings[1] ?? '',
      /^warning: 1 of the profiles has a voice at other engines and none of xtts, which speaks first/,
    );
    assert.equal(warnings.length, 2);
    assert.equal((await found(path, ['elevenlabs', 'xtts'])).length, 2, 'the first has it');
  });

  it('makes no file, which would not be the service’s, and fails where none can be', async () => {
    const path = join(folder, 'later.db');
    assert.deepEqual(await found(path), [`ok: ${path} is made when the service starts`]);
    assert.equal(existsSync(path), false);
    const [missing] = await found(join(folder, 'none', 'voices.db'));
    assert.match(missing ?? '', /^fails: there is no folder .*none: make it/);
    const other = join(folder, 'other.db');
    writeFileSync(other, 'this is no database, and long enough to be taken for one'.repeat(20));
    const [broken] = await found(other);
    assert.match(broken ?? '', /^fails: sqlite .*other\.db: it cannot be opened.*neutral voices speak/);
  });

  it('says nothing where none are kept', async () => {
    assert.deepEqual(await found(undefined), []);
  });
});

/** A profile without a voice at any engine. */
function plain(speaker: string): VoiceProfile {
  return someProfile({ speaker, renderings: [] });
}
