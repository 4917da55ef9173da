/**
 * What Asterisk's chan_websocket says on `/media` and takes, as JSON, which `f(json)` in Dial() asks for; sound is
 * binary. Asterisk takes no command of more than 128 bytes.
 * https://docs.asterisk.org/Configuration/Channel-Drivers/WebSocket/
 */

import { AppError } from '../../base/errors.ts';
import { AUDIO_KINDS } from '../audiosocket/kinds.ts';

export type MediaEvent =
  | {
      readonly type: 'start';
      readonly rateHz: number;
      /** By name, without the underscores by which they were inherited. */
      readonly variables: ReadonlyMap<string, string>;
      /** Whether Asterisk plays each frame when it comes, and keeps none. */
      readonly unbuffered: boolean;
    }
  | { readonly type: 'dtmf'; readonly key: string }
  /** Whether Asterisk takes sound, which it does not while 900 frames wait. */
  | { readonly type: 'flow'; readonly taking: boolean }
  /** Frames that wait in Asterisk. */
  | { readonly type: 'status'; readonly queuedFrames: number }
  | { readonly type: 'other' };

/** Ends the channel. */
export const HANGUP = command('HANGUP');
/** Asks for a `status`. */
export const GET_STATUS = command('GET_STATUS');

/** @throws AppError `wire-bad-message`, saying what to write in the dialplan. */
export function parseMediaEvent(text: string): MediaEvent {
  const fields = objectOf(text);
  switch (fields.event) {
    case 'MEDIA_START':
      return {
        type: 'start',
        rateHz: rateOf(fields.format),
        variables: variablesOf(fields.channel_variables),
        unbuffered: fields.unbuffered === true,
      };
    case 'DTMF_END':
      return { type: 'dtmf', key: String(fields.digit) };
    case 'MEDIA_XOFF':
      return { type: 'flow', taking: false };
    case 'MEDIA_XON':
      return { type: 'flow', taking: true };
    case 'STATUS':
      return { type: 'status', queuedFrames: Number(fields.queue_length) || 0 };
    default:
      return { type: 'other' };
  }
}

function command(name: string): string {
  return JSON.stringify({ command: name });
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new AppError(
      'wire-bad-message',
      'Asterisk sends no JSON: write f(json) in Dial(WebSocket/...)',
      error,
    );
  }
  if (!isFields(value)) {
    throw new AppError('wire-bad-message', 'a message on /media is no JSON object');
  }
  return value;
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function rateOf(format: unknown): number {
  const row = AUDIO_KINDS.find(({ name }) => name === format);
  if (row === undefined) {
    throw new AppError(
      'wire-bad-message',
      'Asterisk sends a format that is not linear: write c(slin16), or c(slin), in Dial(WebSocket/...)',
    );
  }
  return row.rateHz;
}

function variablesOf(value: unknown): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  for (const [name, text] of Object.entries(isFields(value) ? value : {})) {
    if (typeof text === 'string') {
      variables.set(name.replace(/^_+/, ''), text);
    }
  }
  return variables;
}
