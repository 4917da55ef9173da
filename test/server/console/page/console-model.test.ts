import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CallEvent } from '../../../../src/call/call-events.ts';
import type { CallModel } from '../../../../src/server/console/page/state/call-model.ts';
import { ConsoleModel } from '../../../../src/server/console/page/state/console-model.ts';
import { lanesOf } from '../../../../src/server/console/page/state/timeline.ts';
import { heard, shownCall, spoken, stateOf, utterance } from './told-calls.ts';

const NOW_MS = 1_000_000;
const AT = '2026-01-01T00:01:00.000Z';

/** A model that is told of a call by its events. */
function told(id: string, ...events: readonly CallEvent[]) {
  const model = new ConsoleModel();
  const tell = (...more: readonly CallEvent[]): void => {
    for (const event of more) {
      model.hear(id, { ...event, at: AT }, NOW_MS);
    }
  };
  tell(...events);
  const call = (): CallModel => {
    const found = model.find(id);
    assert.ok(found !== undefined);
    return found;
  };
  return { model, tell, call };
}

function names({ parties }: CallModel): readonly string[] {
  return parties.value.map(({ facts }) => facts.value.name);
}

describe('ConsoleModel', () => {
  it('has a call as soon as anything is heard of it, and among the ended ones when it is over', () => {
    const { model, tell, call } = told('1', stateOf('a', 'RINGING', 500), stateOf('b', 'RINGING', 900));
    assert.deepEqual([model.calls.value.length, call().startedAtMs], [1, NOW_MS - 500]);
    assert.deepEqual(names(call()), ['Anna', 'Bruno']);
    tell(stateOf('b', 'DISCONNECTED', 60_000), { type: 'ended', atMs: 61_000 });
    assert.deepEqual(
      [model.calls.value.length, model.ended.value.map(({ id }) => id), call().lastedMs.value],
      [0, ['1'], 61_000],
    );
    assert.deepEqual(
      [names(call()), call().everybody.value.length, call().endedAt.value],
      [[], 2, Date.parse(AT)],
    );
  });

  it('becomes as the server lists it, and keeps what it knows of a call besides', () => {
    const { model } = told('1', stateOf('a', 'TRANSLATING'), heard(1, 'Good morning.'));
    const before = model.find('1');
    model.list([shownCall('1'), shownCall('2'), shownCall('3', { endedAt: AT, state: 'ended' })], NOW_MS);
    assert.equal(model.find('1'), before);
    assert.equal(before?.latest.value?.said, 'Good morning.');
    assert.deepEqual(
      [model.calls.value.map(({ id }) => id), model.ended.value.map(({ id }) => id)],
      [['1', '2'], ['3']],
    );
    assert.equal(model.find('2')?.startedAtMs, NOW_MS - 60_000);
    const utterances = { count: 3, failed: 0, lagMs: 800, lagP95Ms: 900 };
    model.list([shownCall('1'), shownCall('2', { utterances })], NOW_MS);
    assert.equal(model.find('2')?.lagMs.value, 800);
    model.list([], NOW_MS);
    assert.deepEqual([model.calls.value, model.ended.value], [[], []]);
  });

  it('knows the latest words and what they were in the other language', () => {
    const { call } = told(
      '1',
      stateOf('a', 'TRANSLATING'),
      heard(1, 'Good morning.'),
      spoken(1, 'Buenos días.'),
    );
    assert.deepEqual(call().latest.value, {
      language: 'en',
      said: 'Good morning.',
      renderings: [{ language: 'es', text: 'Buenos días.' }],
    });
  });

  it('takes levels, who speaks and what waits by their place among the rows', () => {
    const model = new ConsoleModel();
    model.list([shownCall('1'), shownCall('2')], NOW_MS);
    model.nameRows([
      ['2', ['a', 'b']],
      ['unknown', ['a']],
      ['1', ['b']],
    ]);
    model.hearLevels([42, 0, 178, 12, 99, 9, 7, 3]);
    const shown = (id: string, party: string): unknown => {
      const { level, speaking, backlogMs } = model.find(id)?.partyOf(party) ?? {};
      return [level?.value, speaking?.value, backlogMs?.value];
    };
    assert.deepEqual(shown('2', 'a'), [0.42, false, 0]);
    assert.deepEqual(shown('2', 'b'), [0.5, true, 1_200]);
    assert.deepEqual(shown('1', 'b'), [0.07, false, 300]);
    assert.deepEqual(shown('1', 'a'), [0, false, 0]);
    assert.equal(model.find('2')?.backlogMs.value, 1_200);
  });

  it('takes the levels of a party that comes after its row was named', () => {
    const model = new ConsoleModel();
    model.nameRows([['1', ['a', 'b']]]);
    model.hearLevels([42, 0, 178, 12]);
    model.list([shownCall('1')], NOW_MS);
    model.hearLevels([43, 0, 179, 12]);
    const [a, b] = ['a', 'b'].map((party) => model.find('1')?.partyOf(party));
    assert.deepEqual([a?.level.value, b?.speaking.value], [0.43, true]);
  });

  it('knows how late utterances are heard, of each call and of all', () => {
    const { model, call } = told('1', utterance(1));
    assert.deepEqual([call().lagMs.value, model.lagP95Ms.value], [500, 500]);
  });

  it('keeps the latest fifty ended calls', () => {
    const model = new ConsoleModel();
    for (let each = 0; each < 60; each += 1) {
      model.hear(`${each}`, { type: 'ended', atMs: 1, at: AT }, NOW_MS);
    }
    assert.deepEqual([model.ended.value.length, model.ended.value[0]?.id], [50, '59']);
  });
});

describe('CallModel', () => {
  it('says what is wrong with a call, the worst first, until it is well again', () => {
    const { tell, call } = told('1', stateOf('a', 'RINGING'));
    assert.equal(call().trouble.value, 'alone');
    tell(stateOf('a', 'CONNECTED'), stateOf('b', 'CONNECTED'));
    assert.equal(call().trouble.value, 'not interpreted');
    tell(stateOf('a', 'TRANSLATING'), stateOf('b', 'TRANSLATING'));
    assert.equal(call().trouble.value, undefined);
    tell(stateOf('b', 'SUSPENDED'));
    assert.equal(call().trouble.value, 'on hold');
    const backlog = call().partyOf('b')?.backlogMs;
    assert.ok(backlog !== undefined);
    backlog.value = 4_000;
    assert.equal(call().trouble.value, 'late');
    tell({ type: 'uninterpreted', atMs: 5_000, party: 'a', language: 'es' });
    assert.equal(call().trouble.value, 'failing');
    backlog.value = 0;
    tell(stateOf('b', 'TRANSLATING'), utterance(1), utterance(2), utterance(3));
    assert.equal(call().trouble.value, undefined);
  });

  it('is not troubled by what nobody wants interpreted', () => {
    const { model, tell, call } = told('1', stateOf('a', 'CONNECTED'), stateOf('b', 'CONNECTED'));
    const asked = {
      mode: 'bidirectional',
      translating: true,
      policy: 'clause',
      original: 'off',
      matchDelay: false,
    } as const;
    assert.equal(call().trouble.value, 'not interpreted');
    tell({ type: 'call-changed', atMs: 1, ...asked, mode: 'passthrough' });
    assert.equal(call().trouble.value, undefined);
    tell({ type: 'call-changed', atMs: 2, ...asked, translating: false });
    assert.equal(call().trouble.value, undefined);
    tell({ type: 'call-changed', atMs: 3, ...asked });
    assert.equal(model.troubled.value.length, 1);
    tell({ type: 'party-changed', atMs: 4, party: 'b', name: 'Bruce', language: 'en' });
    assert.equal(call().trouble.value, undefined, 'they share a language');
  });

  it('writes down what happens that is no speech, once, in its order', () => {
    const events = [
      stateOf('a', 'RINGING', 100),
      stateOf('a', 'TRANSLATING', 200),
      utterance(1, 'failed'),
      stateOf('a', 'DISCONNECTED', 9_000),
    ];
    const { tell, call } = told('1', ...events);
    tell(...events);
    assert.deepEqual(
      call().happenings.value.map(({ atMs, sentence, troubling }) => [atMs, sentence, troubling]),
      [
        [100, 'Anna waits for somebody to talk with', false],
        [200, 'Anna is interpreted', false],
        [3_000, 'an utterance of Anna could not be interpreted in es', true],
        [9_000, 'Anna has left', false],
      ],
    );
  });

  it('lies on an axis: what each party said, and when it was heard in each language', () => {
    const { call } = told(
      '1',
      stateOf('a', 'TRANSLATING'),
      stateOf('b', 'TRANSLATING'),
      utterance(1),
      utterance(1, 'spoken', 'fr'),
    );
    assert.deepEqual(
      lanesOf(call()).map(({ label, kind, stretches }) => [label, kind, stretches]),
      [
        ['Anna', 'speech', [{ fromMs: 500, toMs: 1_500 }]],
        ['→ es', 'playing', [{ fromMs: 2_000, toMs: 3_000 }]],
        ['→ fr', 'playing', [{ fromMs: 2_000, toMs: 3_000 }]],
        ['Bruno', 'speech', []],
      ],
    );
  });
});
