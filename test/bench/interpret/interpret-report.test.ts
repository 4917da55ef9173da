import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { renderLines, targetLines } from './interpret-report.ts';
import { distributionOf, type Summary, summarise } from './summary.ts';

const NOTHING: Summary = summarise([]);

function linesOf(clause: Summary, monologues?: Summary) {
  return targetLines({
    byPolicy: new Map([['clause', clause]]),
    reductions: new Map([['turn', { share: 0.66, low: 0.6, high: 0.7 }]]),
    againstUtterances: undefined,
    oneClause: new Map(),
    revising: undefined,
    monologues,
  });
}

describe('the report', () => {
  it('passes what meets its target and fails what does not', () => {
    const lines = linesOf({ ...NOTHING, atdMs: { ...distributionOf([2_800]), p90: 3_401 } });
    const metOf = (measure: string) => lines.find((line) => line.measure === measure)?.met;
    assert.equal(metOf('LAAL below the turn policy, % (95 % of draws)'), true);
    assert.equal(metOf('ATD, mean, s'), true);
    assert.equal(metOf('ATD, p90, s'), false);
  });

  it('fails what could not be measured', () => {
    assert.ok(linesOf(NOTHING).some(({ measure, met }) => measure === 'ATD, mean, s' && met === false));
  });

  it('leaves out what was not run', () => {
    assert.ok(linesOf(NOTHING).every(({ measure }) => !measure.startsWith('monologue')));
    assert.ok(linesOf(NOTHING, NOTHING).some(({ measure }) => measure.startsWith('monologue')));
  });

  it('shows target and result side by side', () => {
    const text = renderLines([
      { measure: 'lag, s', target: '<= 2.8', shown: '2.70', met: true },
      { measure: 'words', shown: '12' },
    ]);
    assert.match(text, /lag, s +<= 2\.8 +2\.70 +PASS\n/);
    assert.match(text, /words +12$/);
  });
});
