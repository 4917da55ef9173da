/** A program for a test to kill: it opens a store of profiles and writes one after the other, telling of each. */

import { writeSync } from 'node:fs';
import { systemClock } from '../../src/base/clock.ts';
import { storedOf } from '../../src/voices/profile.ts';
import { SqliteStore } from '../../src/voices/store/sqlite-store.ts';
import { never } from '../support/waiting.ts';
import { someProfile } from './some-profile.ts';

const store = new SqliteStore({ path: process.argv[2] ?? '', clock: systemClock });
for (let count = 1; ; count += 1) {
  const speaker = `s${count}`;
  await store.write(storedOf(someProfile({ speaker })), undefined, [], never());
  writeSync(1, `${speaker}\n`);
}
