/** What is said of a dialplan, by what a real Asterisk 22 shows of it. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeDialplan } from '../../../src/cli/check/dialplan-checks.ts';

const OWN = `[ Context 'internal' created by 'pbx_config' ]
  '200' =>          1. Dial(PJSIP/bob,30)                         [extensions.conf:9]
                    2. Hangup(\${HANGUPCAUSE})                     [extensions.conf:10]
`;
const INCLUDED = `  Include =>        'dragoman-numbers'                            [pbx_config]
`;
const SAMPLES = `
[ Context 'dragoman' created by 'pbx_config' ]
  'wide' =>         1. Dial(AudioSocket/\${DRAGOMAN_SERVER}/\${DRAGOMAN_LEG}/c(slin16),10,g) [extensions.conf:119]

[ Context 'dragoman-numbers' created by 'pbx_config' ]
  '*4970' =>        1. Gosub(dragoman,meet,1(\${DRAGOMAN_FIRST},127.0.0.1:5070)) [extensions.conf:55]
`;
const LISTEN = [{ host: '0.0.0.0', port: 5050 }];

function judge(contexts: string, globals = '', listen: typeof LISTEN | undefined = LISTEN) {
  return judgeDialplan({ contexts, globals }, listen).map(
    ({ outcome, finding }) => [outcome, finding] as const,
  );
}

describe('the dialplan', () => {
  it('is well when the samples are loaded, phones can dial them, and calls go where dragoman listens', () => {
    const [dialplan, server] = judge(OWN + INCLUDED + SAMPLES);
    assert.deepEqual(dialplan, ['ok', 'our samples are loaded; their numbers can be dialled in internal']);
    assert.deepEqual(server, ['ok', 'DRAGOMAN is not set, so calls go to 127.0.0.1:5050']);
    assert.deepEqual(judge(OWN + INCLUDED + SAMPLES, '   DRAGOMAN=pbx.example:5050\n')[1]?.[0], 'ok');
  });

  it('was not reloaded, or Asterisk could not read the samples', () => {
    for (const contexts of [OWN, OWN + INCLUDED]) {
      const items = judge(contexts);
      assert.equal(items.length, 1);
      assert.equal(items[0]?.[0], 'warning');
      assert.match(items[0]?.[1] ?? '', /not loaded: .*#include .*'dialplan reload'/);
    }
  });

  it('has the samples where no phone can dial them', () => {
    const [dialplan] = judge(OWN + SAMPLES);
    assert.equal(dialplan?.[0], 'warning');
    assert.match(dialplan?.[1] ?? '', /write "include => dragoman-numbers"/);
  });

  it('sends calls to where dragoman does not listen, or nowhere', () => {
    for (const [value, says] of [
      ['127.0.0.1:5051', /^DRAGOMAN = 127\.0\.0\.1:5051, but --listen has port 5050: 'dialplan set global/],
      ['127.0.0.1', /^DRAGOMAN = 127\.0\.0\.1 has no port/],
    ] as const) {
      const [, server] = judge(
        OWN + INCLUDED + SAMPLES,
        `   TRUNK=PJSIP/gone\n   DRAGOMAN=${value}\n\n    -- 2 variable(s)`,
      );
      assert.equal(server?.[0], 'warning');
      assert.match(server?.[1] ?? '', says);
    }
  });

  it('is not compared with a configuration that is wrong', () => {
    const items = judgeDialplan({ contexts: OWN + INCLUDED + SAMPLES, globals: '' }, undefined);
    assert.equal(items.length, 1);
  });
});
