/**
 * Asterisk's manager interface as its web server has it (`webenabled` of manager.conf): an action is a form, its answer
 * some lines of text, and who has logged in is known by a cookie. https://docs.asterisk.org/Configuration/Interfaces
 */

/** An action and its fields: `Setvar`, `Channel`. */
export interface AmiAction {
  readonly action: string;
  readonly [field: string]: string;
}

export function login(username: string, secret: string): AmiAction {
  return { action: 'Login', username, secret, events: 'off' };
}

export function logoff(): AmiAction {
  return { action: 'Logoff' };
}

/** @param variable of the channel, or a function of the dialplan that can be written: `VOLUME(RX)`. */
export function setChannelVariable(channel: string, variable: string, value: string): AmiAction {
  return { action: 'Setvar', channel, variable, value };
}

/** The body of the request. */
export function amiForm(action: AmiAction): Uint8Array {
  return new TextEncoder().encode(new URLSearchParams({ ...action }).toString());
}

/** What became of an action, by the text of the answer; `gone`: the channel that it is about is no more. */
export function amiOutcome(text: string): 'done' | 'gone' | 'refused' {
  if (/^Response: (Success|Goodbye)\s*$/m.test(text)) {
    return 'done';
  }
  return /^Message: No such channel\s*$/m.test(text) ? 'gone' : 'refused';
}

/** What is to be sent back of the answer's `set-cookie`; undefined where that names no session. */
export function amiCookie(setCookie: string | readonly string[] | undefined): string | undefined {
  const all = typeof setCookie === 'string' ? [setCookie] : (setCookie ?? []);
  return all
    .map((each) => /^mansession_id="?[0-9a-f]+"?/.exec(each)?.[0])
    .find((found) => found !== undefined);
}
