/** What `dragoman endpoints` does with phones, wherever they are kept. */

import type { Clock } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import type { Secret } from '../../base/secret.ts';
import type { EndpointBook, ShownEndpoint } from '../../server/endpoints/endpoint-book.ts';
import { EndpointRefusal } from '../../server/endpoints/endpoint-refusal.ts';
import { makePassword } from '../../server/endpoints/sip-password.ts';
import { wireEndpoint } from '../../server/http/api/endpoint-schemas.ts';
import type { CliContext } from '../context.ts';
import { jsonText } from '../json-text.ts';
import { textTable } from '../text-table.ts';
import {
  changeIn,
  type EndpointAction,
  type EndpointOptions,
  nameAmong,
  passwordIn,
  wishIn,
} from './endpoint-options.ts';

/** How often a phone that is in a call is looked at again, in ms. */
const IDLE_EVERY_MS = 1_000;

export interface EndpointTask {
  readonly book: EndpointBook;
  /** Refuses a language that nobody renders here, where that is known. */
  readonly assertRendered: (language: string | undefined) => Promise<void>;
  /** What stands behind the action. */
  readonly words: readonly string[];
  readonly options: EndpointOptions;
  readonly context: CliContext;
  readonly clock: Clock;
  /** Aborts when somebody interrupts it. */
  readonly signal: AbortSignal;
}

export const ENDPOINT_TASKS: Readonly<
  Record<Exclude<EndpointAction, 'certificate'>, (task: EndpointTask) => Promise<void>>
> = { add, list, show, update, remove };

async function add({ book, assertRendered, words, options, context, signal }: EndpointTask): Promise<void> {
  const wish = wishIn(nameAmong(words), options);
  const { passwordFile } = options;
  const password = passwordFile === undefined ? makePassword() : await passwordIn(passwordFile);
  await assertRendered(wish.language);
  const { name, language, encrypted } = await book.add(wish, password, signal);
  context.writeOut(`${name} is added, and speaks ${language}\n`);
  tellAccount(name, passwordFile === undefined ? password : undefined, encrypted, context);
}

async function list({ book, options, context, signal }: EndpointTask): Promise<void> {
  const endpoints = await book.list(signal);
  if (options.json === true) {
    context.writeOut(`${jsonText(endpoints.map(wireEndpoint))}\n`);
    return;
  }
  const rows = endpoints.map(({ name, language, voice = '-', encrypted, registered, inCall, edited }) => [
    ...[name, language, voice, encrypted ? 'TLS, SRTP' : 'any'],
    registered === undefined ? 'not known' : registered ? 'yes' : 'no',
    [...(inCall === true ? ['in a call'] : []), ...(edited ? ['edited by hand'] : [])].join(', '),
  ]);
  const lines =
    rows.length === 0
      ? ['there are no phones of ours: "dragoman endpoints add alice --language en" makes one']
      : textTable([['NAME', 'LANGUAGE', 'VOICE', 'WAY', 'REGISTERED', 'NOTE'], ...rows]);
  context.writeOut(`${lines.join('\n')}\n`);
}

async function show({ book, words, context, signal }: EndpointTask): Promise<void> {
  context.writeOut(`${jsonText(wireEndpoint(await found(book, nameAmong(words), signal)))}\n`);
}

async function update({
  book,
  assertRendered,
  words,
  options,
  context,
  signal,
}: EndpointTask): Promise<void> {
  const name = nameAmong(words);
  const change = changeIn(options);
  const { passwordFile, newPassword = false, overwrite = false } = options;
  if (Object.keys(change).length === 0 && passwordFile === undefined && !newPassword) {
    throw new AppError(
      'bad-option',
      'what is to change is not written: --language, --voice, --tls, --codecs, --context, --password-file or --new-password',
    );
  }
  const made = newPassword && passwordFile === undefined ? makePassword() : undefined;
  const password = passwordFile === undefined ? made : await passwordIn(passwordFile);
  await assertRendered(change.language);
  const how = { ...(password === undefined ? {} : { password }), overwrite };
  const { encrypted } = await book.update(name, change, how, signal);
  context.writeOut(`${name} is changed, from its next call on\n`);
  if (made !== undefined) {
    tellAccount(name, made, encrypted, context);
  }
}

async function remove({ book, words, options, context, clock, signal }: EndpointTask): Promise<void> {
  const name = nameAmong(words);
  const { whenIdle = false, overwrite = false } = options;
  let told = false;
  while (!(await removed(book, name, { whenIdle, overwrite }, signal))) {
    if (!told) {
      context.writeError(
        `dragoman: ${name} is in a call; it is removed when that is over (Ctrl+C: not at all)\n`,
      );
      told = true;
    }
    await clock.sleep(IDLE_EVERY_MS, signal);
  }
  context.writeOut(`${name} is removed, and can register no more\n`);
}

/** Whether it is; not, while it is in a call. */
async function removed(
  book: EndpointBook,
  name: string,
  how: { readonly whenIdle: boolean; readonly overwrite: boolean },
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await book.remove(name, how, signal);
    return true;
  } catch (error) {
    if (error instanceof EndpointRefusal && error.reason === 'in-call') {
      return false;
    }
    throw error;
  }
}

async function found(book: EndpointBook, name: string, signal: AbortSignal): Promise<ShownEndpoint> {
  const endpoint = await book.find(name, signal);
  if (endpoint === undefined) {
    throw new EndpointRefusal(
      'no-such-endpoint',
      'there is no such phone; "dragoman endpoints list" shows those there are',
    );
  }
  return endpoint;
}

/** @param made a password that nobody else knows; it is shown this once. */
function tellAccount(name: string, made: Secret | undefined, encrypted: boolean, context: CliContext): void {
  const lines = [
    `  user       ${name}`,
    ...(made === undefined ? [] : [`  password   ${made.reveal()}   (shown this once: it is kept nowhere)`]),
    ...(encrypted ? ['  transport  TLS, with SRTP (SDES) for the sound'] : []),
  ];
  context.writeOut(`${lines.join('\n')}\n`);
}
