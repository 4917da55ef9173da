/** What the operator asked of `dragoman call`, read: the options as commander hands them over become a plan. */

import { AppError } from '../../base/errors.ts';
import { callParties, type WrittenParties } from '../../client/call-parties.ts';
import { type Expectation, parseExpectation } from '../../client/expectations.ts';
import type { Address } from '../../client/leg-endings.ts';
import type { PlannedCall, PlannedParty } from '../../client/run-call.ts';
import { readSpeech } from '../../client/speech-file.ts';
import { AUDIO_KINDS, kindOfRate } from '../../protocol/audiosocket/kinds.ts';
import { readTokenFile, tokenFor } from '../../server/http/api/token-file.ts';

/** Text, or absent. */
export interface CallOptions extends WrittenParties {
  readonly server?: string;
  readonly ws?: string;
  readonly pauseMs?: string;
  readonly afterMs?: string;
  readonly rate?: string;
  readonly out?: string;
  readonly http?: string;
  readonly apiTokenFile?: string;
  readonly lingerMs?: string;
  readonly maxSeconds?: string;
  readonly expect?: readonly string[];
  readonly json?: boolean;
  readonly monitor?: boolean;
}

/** What stands for an option that is not written. */
export const CALL_DEFAULTS = {
  pauseMs: '1500',
  afterMs: '0',
  rate: '16000',
  http: 'http://127.0.0.1:3000',
  lingerMs: '4000',
  maxSeconds: '120',
} as const;

export interface WantedCall {
  readonly plan: PlannedCall;
  readonly expectations: readonly Expectation[];
}

/** @throws AppError `bad-option`, `file-unreadable`, `wav-unreadable`. */
export async function readCallPlan(written: CallOptions): Promise<WantedCall> {
  const options = { ...CALL_DEFAULTS, ...written };
  if (options.json === true && options.monitor === true) {
    throw new AppError('bad-option', '--json and --monitor both write to stdout: write one of them');
  }
  const servers = serversOf(options);
  const rateHz = parseRate(options.rate);
  const { parties: wanted, ...asked } = callParties(options);
  const names = wanted.map(({ name }) => name);
  const expectations = (options.expect ?? []).map((text) => parseExpectation(text, names));
  // Of extensions that lead to each other, who comes first names the call.
  const isNamedByFirst = options.ws !== undefined && wanted.length > 1;
  const callId = isNamedByFirst ? (wanted[0]?.uuid ?? asked.callId) : asked.callId;
  const pauseMs = parseCount('--pause-ms', options.pauseMs);
  const afterMs = options.afterMs.split(',').map((text) => parseCount('--after-ms', text.trim()));
  const { apiTokenFile } = options;
  const api = {
    url: parseUrl(options.http),
    token: apiTokenFile === undefined ? undefined : tokenFor('captions', readTokenFile(apiTokenFile)),
  };
  const lingerMs = parseCount('--linger-ms', options.lingerMs);
  const limitMs = parseCount('--max-seconds', options.maxSeconds) * 1_000;
  const parties: PlannedParty[] = [];
  for (const [place, party] of wanted.entries()) {
    const timing = { startMs: atOrLast(afterMs, place), pauseMs };
    const speech = await readSpeech(party.wavs, rateHz, timing);
    parties.push({ ...party, server: atOrLast(servers, place), speech });
  }
  return { plan: { callId, parties, api, rateHz, lingerMs, limitMs }, expectations };
}

/** What is written for `place`, or the last that is written. */
function atOrLast<Item>(items: readonly Item[], place: number): Item {
  const item = items[place] ?? items.at(-1);
  if (item === undefined) {
    throw new AppError('bad-option', 'there is nothing between the commas: write at least one value');
  }
  return item;
}

/** The server as the operator wrote it, but for what follows a `?`, which may be a token. */
export function serverText({ server, ws = '' }: Pick<CallOptions, 'server' | 'ws'>): string {
  return server ?? ws.replaceAll(/\?[^,]*/g, '');
}

function serversOf({ server, ws }: Pick<CallOptions, 'server' | 'ws'>): readonly Address[] {
  if ((server === undefined) === (ws === undefined)) {
    throw new AppError(
      'bad-option',
      'write --server with the AudioSocket address of the server, or --ws with a WebSocket for each party, such as ' +
        '--ws ws://127.0.0.1:3002/translate/7777,ws://127.0.0.1:3002/translate/8888',
    );
  }
  return server === undefined
    ? (ws ?? '').split(',').map((text) => parseSocketUrl(text.trim()))
    : server.split(',').map((text) => parseAddress('--server', text.trim()));
}

function parseSocketUrl(text: string): Address {
  if (!/^wss?:\/\//.test(text) || !URL.canParse(text)) {
    throw new AppError('bad-option', '--ws: write addresses such as ws://127.0.0.1:3002/translate/7777');
  }
  const { hostname: host, port, protocol } = new URL(text);
  return { host, port: Number(port || (protocol === 'wss:' ? 443 : 80)), url: text };
}

function parseAddress(option: string, text: string): Address {
  const [, host, port] =
    /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text)?.filter((part) => part !== undefined) ?? [];
  if (host === undefined || port === undefined || Number(port) < 1 || Number(port) > 65_535) {
    throw new AppError(
      'bad-option',
      `${option} ${text} is no address: write host:port, such as 127.0.0.1:9019`,
    );
  }
  return { host, port: Number(port) };
}

function parseRate(text: string): number {
  const rateHz = Number(text);
  if (kindOfRate(rateHz) === undefined) {
    const rates = AUDIO_KINDS.map((row) => row.rateHz).join(', ');
    throw new AppError('bad-option', `--rate ${text} is not a rate of AudioSocket: write one of ${rates}`);
  }
  return rateHz;
}

function parseCount(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) {
    throw new AppError('bad-option', `${option} ${text} is not a whole number`);
  }
  return Number(text);
}

/** A URL, or host:port as `serve` has it. */
function parseUrl(text: string): string {
  const isUrl = /^https?:\/\//.test(text);
  const written = isUrl ? text : `http://${text}`;
  if (!URL.canParse(written) || !(isUrl || /:\d+$/.test(text))) {
    throw new AppError('bad-option', `--http ${text} is no address: write one such as 127.0.0.1:3000`);
  }
  return written;
}
