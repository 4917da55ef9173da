import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { compareCommand } from '../../src/cli/compare-command.ts';
import { type ComparedReport, scoreOf } from '../../src/client/call-comparison.ts';

/** Four words, said from 1 s to 5 s and translated when they had been said; b hears a sign of life and answers. */
const TURN: ComparedReport = {
  parties: [
    { name: 'a', sounds: [] },
    {
      name: 'b',
      sounds: [
        { startMs: 2_500, endMs: 2_720 },
        { startMs: 5_600, endMs: 8_600 },
      ],
    },
  ],
  utterances: [
    {
      party: 'a',
      source: { language: 'en', text: 'one two three four', startMs: 1_000, endMs: 5_000 },
      target: { language: 'es', text: 'uno dos tres cuatro', startMs: 5_600, endMs: 8_600 },
      segments: [{ source: 'one two three four', target: 'uno dos tres cuatro', startMs: 5_600 }],
    },
    {
      party: 'b',
      source: { language: 'es', text: 'hola', startMs: 0, endMs: 500 },
      target: { language: 'en', text: 'hello', startMs: 100, endMs: 90_000 },
      segments: [{ source: 'hola', target: 'hello', startMs: 100 }],
    },
  ],
};

/** The same, two words after the other two, the second pair while a was still speaking. */
const CLAUSE: ComparedReport = {
  parties: [
    { name: 'a', sounds: [] },
    {
      name: 'b',
      sounds: [
        { startMs: 200, endMs: 700 },
        { startMs: 3_500, endMs: 4_700 },
        { startMs: 5_200, endMs: 6_400 },
      ],
    },
  ],
  utterances: [
    {
      party: 'a',
      source: { language: 'en', text: 'one two three four', startMs: 1_000, endMs: 5_000 },
      target: { language: 'es', text: 'uno dos tres cuatro', startMs: 3_500, endMs: 6_400 },
      segments: [
        { source: 'one two', target: 'uno dos', startMs: 3_500 },
        { source: 'three four', target: 'tres cuatro', startMs: 5_200 },
      ],
    },
  ],
};

describe('scoreOf', () => {
  it('waits for the end of speech when it is one segment', () => {
    assert.deepEqual(scoreOf(TURN), {
      segments: 1,
      firstMs: 4_600,
      // Said at 2, 3, 4 and 5 s, heard from 5.6 s on.
      wordMeanMs: 2_100,
      wordLongestMs: 3_600,
      silenceMs: 4_600,
      lastMs: 3_600,
    });
  });

  it('follows the speaker when there are more', () => {
    assert.deepEqual(scoreOf(CLAUSE), {
      segments: 2,
      firstMs: 2_500,
      // 3.5 s after words said at 2 and 3 s, 5.2 s after those said at 4 and 5 s.
      wordMeanMs: (1_500 + 500 + 1_200 + 200) / 4,
      wordLongestMs: 1_500,
      // From the beginning of speech: an announcement before it is no translation.
      silenceMs: 2_500,
      lastMs: 1_400,
    });
  });

  it('has no times for what was never heard', () => {
    const [unheard] = TURN.utterances.map(({ party, source }) => ({
      party,
      source,
      target: { language: 'es', text: '' },
      segments: [],
    }));
    assert.ok(unheard !== undefined);
    assert.deepEqual(scoreOf({ parties: [{ name: 'b', sounds: [] }], utterances: [unheard] }), {
      segments: 0,
      firstMs: undefined,
      wordMeanMs: undefined,
      wordLongestMs: undefined,
      silenceMs: undefined,
      lastMs: undefined,
    });
  });
});

describe('dragoman compare', () => {
  let dir = '';
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'dragoman-compare-'));
    await writeFile(join(dir, 'turn.json'), JSON.stringify(TURN));
    await writeFile(join(dir, 'clause.json'), JSON.stringify({ ...CLAUSE, server: 'more than is needed' }));
    await writeFile(join(dir, 'other.json'), '{"utterances":[]}');
    await writeFile(join(dir, 'text.json'), 'this is text');
  });
  afterEach(() => rm(dir, { recursive: true }));

  async function compare(...words: readonly string[]): Promise<string> {
    let printed = '';
    const command = compareCommand({
      stdout: {
        write: (text) => {
          printed += text;
        },
      },
    });
    await command.parseAsync(words, { from: 'user' });
    return printed;
  }

  it('prints a column for each report, in the order in which they are named', async () => {
    const printed = await compare(`turn=${dir}/turn.json`, `clause=${dir}/clause.json`);
    assert.deepEqual(printed.split('\n'), [
      '                                                    turn   clause',
      'segments                                               1        2',
      'first translated sound, after a began to speak     4.6 s    2.5 s',
      'a word until its translation begins, mean          2.1 s    0.8 s',
      'a word until its translation begins, longest       3.6 s    1.5 s',
      'longest wait of b without a voice                  4.6 s    2.5 s',
      'last translated sound ended, after a had stopped   3.6 s    1.4 s',
      'a word: from when it was said, its utterance taken as evenly spoken, to the first sound of its segment',
      '',
    ]);
  });

  it('refuses with what to do about it', async () => {
    const cases: readonly (readonly [readonly string[], string, RegExp])[] = [
      [['report.json'], 'bad-option', /report\.json .*name=file/],
      [[`a=${dir}/turn.json`, `a=${dir}/clause.json`], 'bad-option', /a is named twice/],
      [[`a=${dir}/missing.json`], 'file-unreadable', /missing\.json/],
      [[`a=${dir}/text.json`], 'file-unreadable', /text\.json/],
      [[`a=${dir}/other.json`], 'file-unreadable', /other\.json is no report/],
    ];
    for (const [words, code, message] of cases) {
      await assert.rejects(compare(...words), { name: 'AppError', code, message }, words.join(' '));
    }
  });
});
