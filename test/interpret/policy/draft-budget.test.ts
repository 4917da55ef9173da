import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DraftBudget } from '../../../src/interpret/policy/draft-budget.ts';

describe('DraftBudget', () => {
  it('lets drafts that hit go on', () => {
    const budget = new DraftBudget();
    for (let i = 0; i < 100; i += 1) {
      assert.ok(budget.mayTranslate());
      budget.called();
      budget.cut(true);
    }
  });

  it('asks for at most 1.7 translations for each that is used', () => {
    const budget = new DraftBudget();
    let calls = 0;
    for (let segment = 0; segment < 100; segment += 1) {
      for (let draft = 0; draft < 3; draft += 1) {
        if (budget.mayTranslate()) {
          budget.called();
          calls += 1;
          budget.missed();
        }
      }
      budget.called();
      calls += 1;
      budget.cut(false);
    }
    assert.ok(calls <= 1.7 * 100 + 4, `${calls} calls`);
    assert.ok(calls > 101, 'it is tried again now and then');
  });

  it('pauses when fewer than 40 % of the last 20 hit, and tries one in five', () => {
    const budget = new DraftBudget();
    for (let i = 0; i < 40; i += 1) {
      budget.cut(false);
    }
    for (let i = 0; i < 20; i += 1) {
      budget.missed();
    }
    const answers = Array.from({ length: 10 }, () => budget.mayTranslate());
    assert.deepEqual(answers.map((answer) => (answer ? 'y' : '-')).join(''), '----y----y');
  });

  it('speaks ahead while little of it is for nothing', () => {
    const budget = new DraftBudget();
    assert.ok(budget.maySpeak(100));
    budget.synthesised(200, true);
    assert.equal(budget.maySpeak(200), false);
    budget.synthesised(2_000, false);
    assert.ok(budget.maySpeak(200));
  });
});
