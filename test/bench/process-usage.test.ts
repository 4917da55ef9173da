import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytesOfLine, cpuMsOf, readProcessUsage } from './process-usage.ts';

describe('process usage', () => {
  it('finds utime and stime behind a name with spaces and parentheses', () => {
    const stat = '4711 (node (a b) c) S 1 4711 4711 0 -1 4194560 9 0 0 0 123 45 0 0 20 0 11 0 88 1 2';
    assert.equal(cpuMsOf(stat), 1_680);
  });

  it('reads sizes in kB as bytes', () => {
    const status = 'Name:\tnode\nVmHWM:\t   61000 kB\nVmRSS:\t   51234 kB\n';
    assert.equal(bytesOfLine(status, 'VmRSS'), 51_234 * 1_024);
    assert.equal(bytesOfLine(status, 'VmHWM'), 61_000 * 1_024);
    assert.equal(bytesOfLine(status, 'VmSwap'), Number.NaN);
  });

  it('sees this very process, and no process that is not', () => {
    const usage = readProcessUsage(process.pid);
    assert.ok(usage !== undefined && usage.residentBytes > 10_000_000 && usage.cpuMs > 0);
    assert.ok(usage.peakResidentBytes >= usage.residentBytes);
    assert.equal(readProcessUsage(2 ** 30), undefined);
  });
});
