import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { callFolder } from '../../../src/server/recording/call-folder.ts';

describe('the folder of a call', () => {
  it('is named by the moment in UTC and by what the call is shown as', () => {
    assert.equal(
      callFolder('/var/lib/dragoman', new Date('2026-11-28T15:10:00.250Z'), '5f0c9a1b2c3d4e5f'),
      '/var/lib/dragoman/2026/11/28/20261128T151000Z-5f0c9a1b2c3d4e5f',
    );
  });
});
