import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  amiCookie,
  amiForm,
  amiOutcome,
  login,
  setChannelVariable,
} from '../../../src/protocol/ami/ami-actions.ts';

describe('actions of the manager interface', () => {
  it('are forms, in which nothing but a field can be written', () => {
    const form = (action: Parameters<typeof amiForm>[0]): string => new TextDecoder().decode(amiForm(action));
    assert.equal(form(login('dragoman', 'a&b')), 'action=Login&username=dragoman&secret=a%26b&events=off');
    assert.equal(
      form(setChannelVariable('PJSIP/a\r\nAction: Command', 'VOLUME(RX)', '-7')),
      'action=Setvar&channel=PJSIP%2Fa%0D%0AAction%3A+Command&variable=VOLUME%28RX%29&value=-7',
    );
  });

  it('are done, or not, or about a channel that is gone, as Asterisk 22.10.1 answers', () => {
    for (const [text, outcome] of [
      ['Response: Success\r\nMessage: Authentication accepted\r\n\r\n', 'done'],
      ['Response: Success\r\nMessage: Variable Set\r\n\r\n', 'done'],
      ['Response: Goodbye\r\nMessage: Thanks for all the fish.\r\n\r\n', 'done'],
      ['Response: Error\r\nMessage: No such channel\r\n\r\n', 'gone'],
      ['Response: Error\r\nMessage: Authentication failed\r\n\r\n', 'refused'],
      ['Response: Error\r\nMessage: Variable not set\r\n\r\n', 'refused'],
      ['', 'refused'],
      ['<html>Response: Success</html>', 'refused'],
    ] as const) {
      assert.equal(amiOutcome(text), outcome, text);
    }
  });

  it('know who has logged in by a cookie', () => {
    const cookie = 'mansession_id="67d88f23"; Version=1; Max-Age=60';
    assert.equal(amiCookie(cookie), 'mansession_id="67d88f23"');
    assert.equal(amiCookie(['other=1', cookie]), 'mansession_id="67d88f23"');
    assert.deepEqual([amiCookie(undefined), amiCookie('other=1')], [undefined, undefined]);
  });
});
