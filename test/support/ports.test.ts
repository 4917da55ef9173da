import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { freeNeighbours, freePorts } from './ports.ts';

/** So few ports that whoever knows only its own would take one twice. */
const MANY = 400;
/** Prints what another process is given. */
const OTHER = `
const { freePorts } = await import(${JSON.stringify(new URL('./ports.js', import.meta.url).href)});
console.log(JSON.stringify(await freePorts(${MANY})));`;

describe('free ports', () => {
  it('are given once, whichever process asks', async () => {
    const ours = await freePorts(MANY);
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', OTHER]);
    const all = [...ours, ...JSON.parse(stdout)];
    assert.equal(new Set(all).size, 2 * MANY);
  });

  it('follow each other where that is asked for', async () => {
    const lowest = await freeNeighbours(2);
    assert.equal(lowest % 2, 0, 'SIP and RTP take an even port and the next');
  });
});
