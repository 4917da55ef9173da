import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { parseAgent, readAgentFiles } from '../../src/cli/agent-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'dragoman-agents-'));
after(() => rmSync(folder, { recursive: true }));

describe('a file that describes an agent', () => {
  it('says all that there is to say of one', () => {
    const path = join(folder, 'reception.yaml');
    writeFileSync(
      path,
      [
        'prompt: |',
        '  You are the reception of {{company}}.',
        '  Be short.',
        'greeting: Hello.',
        'language: en-gb',
        'voice: cedar',
        'model: gpt-realtime-mini',
        'tools: [transfer, hang-up, keys]',
        'transfer-to: { 200: support, sales: who wants to buy }',
        'settings: { audio: { output: { speed: 1.1 } } }',
      ].join('\n'),
    );
    assert.deepEqual(
      readAgentFiles(new Map([['reception', path]])),
      new Map([
        [
          'reception',
          {
            prompt: 'You are the reception of {{company}}.\nBe short.\n',
            greeting: 'Hello.',
            language: 'en-GB',
            voice: 'cedar',
            model: 'gpt-realtime-mini',
            tools: ['transfer', 'hang_up', 'keys'],
            transferTo: new Map([
              ['200', 'support'],
              ['sales', 'who wants to buy'],
            ]),
            settings: { audio: { output: { speed: 1.1 } } },
          },
        ],
      ]),
    );
  });

  it('needs no more than a prompt, may be JSON, and transfers only where it says where to', () => {
    const empty = { transferTo: new Map(), settings: {} };
    assert.deepEqual(parseAgent('{"prompt": "Be kind."}'), {
      ...empty,
      prompt: 'Be kind.',
      tools: ['hang_up'],
    });
    assert.deepEqual(parseAgent('prompt: x\ntransfer-to: { "+34600": Ana }').tools, ['transfer', 'hang_up']);
  });

  it('may name one that its provider keeps, whose tools are its own', () => {
    assert.deepEqual(parseAgent('id: pmpt_1\nversion: 3\nvariables: { city: "{{place}}" }\nvoice: cedar'), {
      kept: {
        ...{ id: 'pmpt_1', version: '3', branch: undefined, environment: undefined },
        variables: { city: '{{place}}' },
      },
      ...{ voice: 'cedar', tools: [], transferTo: new Map(), settings: {} },
    });
    assert.deepEqual(parseAgent('id: agent_1\ntransfer-to: { 200: x }').tools, ['transfer', 'hang_up']);
  });

  for (const [what, text, told] of [
    ['a version of nothing that is kept', 'prompt: x\nversion: 3', /^version: there is no id/],
    ['nothing', '', /^it is empty.*prompt must be there/],
    ['no names', 'Be kind.', /^it is empty, or its lines are none such as "prompt: /],
    ['no prompt', 'greeting: Hello.', /^prompt: /],
    ['an unknown word', 'prompt: x\nvoices: y', /it: .*voices/],
    ['an unknown tool', 'prompt: x\ntools: [reboot]', /^tools\.0: /],
    ['no language', 'prompt: x\nlanguage: "12"', /^language: /],
    ['a place of more than a word', 'prompt: x\ntransfer-to: { "a,1)": b }', /^transfer-to/],
    ['no YAML', 'prompt: [', /./],
  ] as const) {
    it(`is refused with a sentence when it has ${what}`, () => {
      assert.throws(() => parseAgent(text), { code: 'bad-option', message: told });
    });
  }

  it('is named where it cannot be read', () => {
    const path = join(folder, 'none.yaml');
    assert.throws(() => readAgentFiles(new Map([['reception', path]])), {
      code: 'file-unreadable',
      message: /^--agent-file reception: .*none\.yaml cannot be read \(ENOENT\)/,
    });
  });
});
