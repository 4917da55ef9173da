import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { apertiumNames } from '../../src/engines/mt/apertium/languages.ts';
import { findMode } from '../../src/engines/mt/apertium/modes.ts';
import { parseMode, pipelineCommand } from '../../src/engines/mt/apertium/pipeline-command.ts';
import {
  afterLead,
  escapeStream,
  fromStream,
  toStream,
} from '../../src/engines/mt/apertium/stream-format.ts';

describe('Apertium’s names of languages', () => {
  it('tries a region before the language and long codes before short ones', () => {
    assert.deepEqual(apertiumNames('pt-BR'), ['por_BR', 'pt_BR', 'por', 'pt']);
    assert.deepEqual(apertiumNames('es'), ['spa', 'es']);
    assert.deepEqual(apertiumNames('ast'), ['ast']);
  });

  it('finds modes of either naming, and no mode that ends in the middle', () => {
    const modes = ['eng-spa', 'eng-spa-tagger', 'spa-eng', 'spa-eng_US', 'en-gl', 'es-pt', 'fr-es'];
    assert.equal(findMode(modes, 'en', 'es'), 'eng-spa');
    assert.equal(findMode(modes, 'es', 'en-US'), 'spa-eng_US');
    assert.equal(findMode(modes, 'es', 'en-GB'), 'spa-eng');
    assert.equal(findMode(modes, 'en', 'gl'), 'en-gl');
    assert.equal(findMode(modes, 'es', 'pt-BR'), 'es-pt');
    assert.equal(findMode(modes, 'pt', 'es'), undefined);
  });
});

describe('a mode as a lasting pipeline', () => {
  it('flushes every stage of an installed mode at NUL', () => {
    const command = pipelineCommand(readFileSync('/usr/share/apertium/modes/eng-spa.mode', 'utf8'));
    assert.equal(command.type, 'runnable');
    const stages = command.type === 'runnable' ? command.command.split(' | ') : [];
    assert.equal(stages.length, 11);
    for (const stage of stages) {
      assert.match(stage, /^[a-z-]+ -z( |$)/);
      assert.doesNotMatch(stage, /\$/);
    }
    assert.match(stages[9] ?? '', /^lt-proc -z -n /);
    assert.equal(command.type === 'runnable' && command.analyser, stages[0]);
  });

  it('reads quotes, placeholders and bars', () => {
    assert.deepEqual(
      parseMode(`lt-proc -w '/a b/x|y.bin' | apertium-tagger -g $2 "p.prob"|lt-proc $1 g.bin\n`),
      [
        ['lt-proc', '-w', '/a b/x|y.bin'],
        ['apertium-tagger', '-g', 'p.prob'],
        ['lt-proc', '-n', 'g.bin'],
      ],
    );
  });

  it('quotes what the shell would take apart', () => {
    const command = pipelineCommand("lt-proc '/a b/$(x).bin'");
    assert.equal(command.type === 'runnable' && command.command, "lt-proc -z '/a b/$(x).bin'");
  });

  it('refuses a stage that cannot flush, and an empty mode', () => {
    const refused = pipelineCommand('lt-proc a.bin | apertium-multiple-translations x y');
    assert.match(refused.type === 'refused' ? refused.reason : '', /apertium-multiple-translations/);
    assert.equal(pipelineCommand(' \n').type, 'refused');
  });
});

describe('Apertium’s stream format', () => {
  it('escapes every character that means something in it', () => {
    assert.equal(escapeStream('\\^$<>[]{}/@ab'), '\\\\\\^\\$\\<\\>\\[\\]\\{\\}\\/\\@ab');
  });

  it('makes one line without NUL and takes the final mark off', () => {
    assert.deepEqual(toStream(' one\n two\0three ?! '), { escaped: 'one two three', finalMark: '?!' });
    assert.deepEqual(toStream('hello ^^'), { escaped: 'hello', finalMark: '' });
    assert.deepEqual(toStream('...'), { escaped: '', finalMark: '...' });
    assert.deepEqual(toStream('costs 5.30'), { escaped: 'costs 5.30', finalMark: '' });
  });

  it('takes escapes and needless blanks out of an answer', () => {
    assert.equal(fromStream(' Cuesta  \\$5 , sí\n', '.'), 'Cuesta $5, sí.');
    assert.equal(fromStream('a\\\\b', ''), 'a\\b');
  });

  it('takes off the comma that stood before what goes on in a sentence, where it stands there still', () => {
    assert.equal(afterLead(fromStream(' , en esta sala\n', '.')), 'en esta sala.');
    for (const elsewhere of ['En esta, sala', 'en esta sala', ', , sala', ',', '']) {
      assert.equal(afterLead(elsewhere), undefined);
    }
  });
});
