import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BoundedQueue } from '../../src/base/bounded-queue.ts';
import { AppError, codeOf, isAbort, messageOf } from '../../src/base/errors.ts';
import {
  baseLanguage,
  languageAmong,
  languageParts,
  parseLanguage,
  parseLanguagePair,
} from '../../src/base/language.ts';
import { StateMachine, type StateTable } from '../../src/base/state-table.ts';
import { Tally } from '../../src/base/tally.ts';

describe('BoundedQueue', () => {
  it('is first in, first out, and knows its weight', () => {
    const queue = new BoundedQueue<number>(100, (entry) => entry);
    assert.deepEqual(queue.push(30), []);
    assert.deepEqual(queue.push(40), []);
    assert.deepEqual([queue.length, queue.weight, queue.peek()], [2, 70, 30]);
    assert.deepEqual([queue.shift(), queue.shift(), queue.shift()], [30, 40, undefined]);
    assert.equal(queue.weight, 0);
  });

  it('drops its oldest past the limit, returns and counts them', () => {
    const queue = new BoundedQueue<number>(100, (entry) => entry);
    queue.push(50);
    queue.push(50);
    assert.deepEqual(queue.push(60), [50, 50]);
    assert.deepEqual([queue.dropped, queue.length, queue.weight], [2, 1, 60]);
  });

  it('keeps the newest, however heavy', () => {
    const queue = new BoundedQueue<number>(100, (entry) => entry);
    queue.push(10);
    assert.deepEqual(queue.push(500), [10]);
    assert.equal(queue.peek(), 500);
  });

  it('is empty after clear, which counts nothing as dropped', () => {
    const queue = new BoundedQueue<number>(100, (entry) => entry);
    queue.push(10);
    queue.clear();
    assert.deepEqual([queue.length, queue.weight, queue.dropped, queue.peek()], [0, 0, 0, undefined]);
  });
});

describe('languageAmong', () => {
  it('finds what is meant among those there are, a region left out or not, and makes nothing of the rest', () => {
    const known = ['pt-BR', 'en', 'zh-Hant', 'en-GB'];
    assert.deepEqual(
      ['en', 'EN_gb', ' pt ', 'zh', 'de', '!!', 'English', 'e'.repeat(99), ''].map((text) =>
        languageAmong(text, known),
      ),
      ['en', 'en-GB', 'pt-BR', 'zh-Hant', undefined, undefined, undefined, undefined, undefined],
    );
  });
});

describe('parseLanguage', () => {
  it('takes a language with or without region and writes it in one way', () => {
    assert.deepEqual(['en', ' ES ', 'pt-br', 'PT_BR', 'fil'].map(parseLanguage), [
      'en',
      'es',
      'pt-BR',
      'pt-BR',
      'fil',
    ]);
    assert.equal(baseLanguage('pt-BR'), 'pt');
    assert.equal(baseLanguage('en'), 'en');
  });

  it('takes scripts, regions in figures, and old or mistaken codes', () => {
    const written = ['zh-hans', 'zh-Hant-TW', 'es-419', 'sr-Latn', 'iw', 'cmn', 'jp', 'CZ'];
    assert.deepEqual(written.map(parseLanguage), [
      'zh-Hans',
      'zh-Hant-TW',
      'es-419',
      'sr-Latn',
      'he',
      'zh',
      'ja',
      'cs',
    ]);
    assert.equal(baseLanguage('zh-Hant-TW'), 'zh');
  });

  it('takes scripts as locales name them, languages behind the one they are counted to, and tags of old', () => {
    const written = [
      'sr_RS@latin',
      'sr_RS.UTF-8@latin',
      'uz_UZ@cyrillic',
      'de_DE@euro',
      'zh-yue',
      'zh-cmn-Hans',
    ];
    assert.deepEqual(written.map(parseLanguage), [
      'sr-Latn-RS',
      'sr-Latn-RS',
      'uz-Cyrl-UZ',
      'de-DE',
      'yue',
      'zh-Hans',
    ]);
    assert.deepEqual(['no-bok', 'i-hak', 'zh-min-nan', 'zh-CHT'].map(parseLanguage), [
      'nb',
      'hak',
      'nan',
      'zh-Hant',
    ]);
    assert.equal(languageAmong('zh-yue', ['zh', 'yue']), 'yue');
    assert.throws(() => parseLanguage('ms-MYS'), { code: 'bad-option' });
  });

  it('says what was meant', () => {
    assert.throws(() => parseLanguage('en-UK'), { code: 'bad-option', message: /en-GB/ });
  });

  it('tells the parts of a tag, and the script of a region', () => {
    assert.deepEqual(languageParts('zh-TW'), { base: 'zh', script: 'Hant', region: 'TW' });
    assert.deepEqual(languageParts('sr-Latn'), { base: 'sr', script: 'Latn', region: undefined });
  });

  it('refuses what is no language tag', () => {
    for (const text of ['', 'e', 'english', 'en-', 'en-USA', 'en-US-x', '12', 'en:es', 'en-UK']) {
      assert.throws(() => parseLanguage(text), { code: 'bad-option' }, text);
    }
  });
});

describe('parseLanguagePair', () => {
  it('takes two languages with a colon', () => {
    assert.deepEqual(parseLanguagePair('en:pt-br'), { first: 'en', second: 'pt-BR' });
  });

  it('refuses other counts', () => {
    for (const text of ['en', 'en:', ':es', 'en:es:fr', 'en-es']) {
      assert.throws(() => parseLanguagePair(text), { code: 'bad-option' }, text);
    }
  });
});

describe('StateMachine', () => {
  const TABLE: StateTable<'open' | 'shut', 'push' | 'pull'> = {
    open: { push: 'shut', pull: 'open' },
    shut: { pull: 'open' },
  };

  it('moves by the table and says whether the state changed', () => {
    const machine = new StateMachine(TABLE, 'open');
    assert.equal(machine.handle('pull'), false);
    assert.equal(machine.handle('push'), true);
    assert.equal(machine.state, 'shut');
    assert.deepEqual([machine.allows('push'), machine.allows('pull')], [false, true]);
  });

  it('throws at an event the table does not allow', () => {
    const machine = new StateMachine(TABLE, 'shut');
    assert.throws(() => machine.handle('push'), { code: 'illegal-transition', message: /shut .* push/ });
    assert.equal(machine.state, 'shut');
  });

  it('stays and tells when it is given a listener for illegal events', () => {
    const illegal: string[] = [];
    const machine = new StateMachine(TABLE, 'shut', (from, event) => illegal.push(`${from} ${event}`));
    assert.equal(machine.handle('push'), false);
    assert.deepEqual(illegal, ['shut push']);
    assert.equal(machine.state, 'shut');
  });
});

describe('Tally', () => {
  it('counts by name, from zero', () => {
    const tally = new Tally<'in' | 'out' | 'never'>();
    tally.add('in');
    tally.add('in');
    tally.add('out', 5);
    assert.deepEqual([tally.get('in'), tally.get('out'), tally.get('never')], [2, 5, 0]);
    assert.deepEqual(
      [...tally.entries()],
      [
        ['in', 2],
        ['out', 5],
      ],
    );
  });
});

describe('AppError', () => {
  it('takes category and permanence from the catalogue, and keeps the cause', () => {
    const cause = new Error('why');
    const error = new AppError('engine-timeout', 'too late', cause);
    assert.deepEqual([error.category, error.permanent, error.cause], ['engine', false, cause]);
    assert.equal('cause' in new AppError('closed', 'over'), false);
  });

  it('is told apart from aborted work', () => {
    assert.equal(isAbort(new AppError('closed', 'over')), true);
    assert.equal(isAbort(AbortSignal.abort().reason), true);
    assert.equal(isAbort(new AppError('engine-died', 'gone')), false);
    assert.equal(isAbort('AbortError'), false);
  });

  it('has a code and a message for anything thrown', () => {
    assert.deepEqual([codeOf(new AppError('closed', 'over')), messageOf(new Error('m'))], ['closed', 'm']);
    assert.deepEqual([codeOf('text'), messageOf('text')], ['unknown', 'text']);
  });
});
