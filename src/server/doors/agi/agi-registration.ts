/**
 * What one connection of `AGI()` is about, by its script. `register`, or none: its arguments are a call to be registered,
 * one `name=text` each as in a form (`form-call.ts`), and variables of the channel are the answer. A dialplan that is
 * refused goes on, with empty variables and DRAGOMAN_REASON; a call of which the dialplan does not hear is taken back.
 * `transfer`: where who came with a UUID is to go.
 */

import { AppError } from '../../../base/errors.ts';
import {
  type AgiRequest,
  AgiRequestReader,
  agiReply,
  setVariable,
  tellConsole,
} from '../../../protocol/agi/agi-wire.ts';
import type { ApiDeps } from '../../http/api/api-app.ts';
import { answerOf, callInForm } from '../../http/api/form-call.ts';
import { CALL_WISH, registeredCall, serverFor, shownRegistered } from '../../http/api/register-routes.ts';
import { Refused } from '../../http/problem.ts';
import type { InterpretingView } from '../../interpreting/interpreting-view.ts';
import { TRANSFER_VARIABLE } from '../ari/ari-removal.ts';

/** What registers calls. */
export interface AgiDeps extends Pick<ApiDeps, 'view' | 'control' | 'log'> {
  readonly interpreting: InterpretingView;
}

/** The other end, as far as a conversation needs it. */
export interface AgiPeer {
  /** What it says, line by line; ends when it says no more. */
  readonly lines: AsyncIterator<string>;
  readonly write: (command: string) => void;
  /** The address of ours that it has reached. */
  readonly here: string | undefined;
}

/** The script that registers; nothing is the same. */
const SCRIPT = 'register';
const TRANSFER_SCRIPT = 'transfer';
/** Variables of the channel by the names of an answer; `register.conf` sets the same. */
const VARIABLES: Readonly<Record<string, string>> = {
  first: 'DRAGOMAN_MADE_0',
  second: 'DRAGOMAN_MADE_1',
  server: 'DRAGOMAN_MADE_AT',
  call: 'DRAGOMAN_CALL_ID',
};

/**
 * Registers what is asked for and answers. @returns what became of it, to count by.
 * @throws AppError `wire-…` when what talks is no Asterisk.
 */
export async function serveAgi(peer: AgiPeer, deps: AgiDeps): Promise<string> {
  const request = await requestOf(peer);
  if (request === undefined) {
    return 'left';
  }
  if (request.script === TRANSFER_SCRIPT) {
    return tellTransfer(request, peer, deps);
  }
  const made = register(request, peer.here, deps);
  if (made instanceof Refused) {
    const told =
      (await tell(peer, { ...emptied(), DRAGOMAN_REASON: made.code })) &&
      (await done(peer, tellConsole(`dragoman: ${made.message}`)));
    deps.log.warn(
      { reason: made.code, told },
      'a call was not registered by AGI: the console of Asterisk says why',
    );
    return made.code;
  }
  const answer = Object.entries(made).map(([name, text]) => [VARIABLES[name] ?? name, text]);
  let told = false;
  try {
    told = await tell(peer, { ...emptied(), ...Object.fromEntries(answer), DRAGOMAN_REASON: '' });
  } finally {
    if (!told) {
      deps.control.withdraw(made.call);
    }
  }
  if (!told) {
    return 'left';
  }
  deps.log.info({ by: 'agi', call: made.call }, 'a call is registered');
  return 'registered';
}

/** Empty where nobody was transferred: the dialplan goes on as after any call. */
async function tellTransfer({ args }: AgiRequest, peer: AgiPeer, { view }: AgiDeps): Promise<string> {
  const to = view.transferOf((args[0] ?? '').toLowerCase()) ?? '';
  const told = await tell(peer, { [TRANSFER_VARIABLE]: to });
  return told ? (to === '' ? 'not-transferred' : 'transferred') : 'left';
}

async function requestOf({ lines }: AgiPeer): Promise<AgiRequest | undefined> {
  const reader = new AgiRequestReader();
  for (;;) {
    const { done: over, value } = await lines.next();
    if (over === true) {
      return undefined;
    }
    const request = reader.line(value);
    if (request !== undefined) {
      return request;
    }
  }
}

function register({ script, args }: AgiRequest, here: string | undefined, deps: AgiDeps) {
  try {
    if (script !== '' && script !== SCRIPT) {
      throw new Refused(
        404,
        'no-such-script',
        'write AGI(agi://host:port/register,first=en,second=es) or AGI(agi://host:port/transfer,UUID)',
      );
    }
    const read = CALL_WISH.safeParse(callInForm(args.map(pairOf)));
    if (!read.success) {
      const [issue] = read.error.issues;
      const at = issue?.path.join('.') ?? '';
      throw new Refused(400, 'bad-request', `what is asked for cannot be read: ${at}: ${issue?.message}`);
    }
    const { parties, ...rest } = shownRegistered(registeredCall(read.data, deps), serverFor(here, deps.view));
    return { ...answerOf({ ...rest, parties }), call: rest.call };
  } catch (error) {
    if (error instanceof Refused) {
      return error;
    }
    throw error;
  }
}

/** @throws Refused */
function pairOf(argument: string): readonly [name: string, text: string] {
  const at = argument.indexOf('=');
  if (at < 1) {
    throw new Refused(400, 'bad-request', 'an argument is no name=text, such as first=en');
  }
  return [argument.slice(0, at), argument.slice(at + 1)];
}

/** What an earlier registration of the same channel may have left. */
function emptied(): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.values(VARIABLES).map((name) => [name, '']));
}

/** @returns whether all of them are set. */
async function tell(peer: AgiPeer, variables: Readonly<Record<string, string>>): Promise<boolean> {
  for (const [name, value] of Object.entries(variables)) {
    if (!(await done(peer, setVariable(name, value)))) {
      return false;
    }
  }
  return true;
}

/** Has Asterisk do one thing. @returns whether it did; not when the channel is gone. @throws AppError when it will not. */
async function done({ lines, write }: AgiPeer, command: string): Promise<boolean> {
  write(command);
  const { done: over, value } = await lines.next();
  const reply = over === true ? 'hung-up' : agiReply(value);
  if (reply === 'refused') {
    throw new AppError(
      'wire-bad-message',
      'AGI: Asterisk does not do what it was asked to: what connects is no Asterisk',
    );
  }
  return reply === 'done';
}
