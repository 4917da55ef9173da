/**
 * What is in the folder of a recorded call: `recording.json` says which sound is in which file, and from when on. It
 * names nobody. It is written anew whenever a file has begun, so that it holds for what a crash has left, too.
 */

import type { Track } from './recorder-orders.ts';

/** Others of the group may read, nobody else: the group is who the operator puts into it. */
export const FOLDER_MODE = 0o750;
export const FILE_MODE = 0o640;

export const INDEX_NAME = 'recording.json';
/** The file of a track in which two parties are left and right, without its ending. */
export const STEREO_NAMES: Readonly<Record<Track, string>> = {
  voice: 'stereo',
  told: 'told',
  heard: 'heard',
};
/** The call's notes; those that another recorder went on with have a number: `engines.2.jsonl`. */
const NOTES_NAME = 'engines';
const NOTES_ENDING = '.jsonl';

/** What is in a channel of a file: the party's number from 1 on, and the track. */
export interface Channel {
  readonly party: number;
  readonly track: Track;
}

/** A file of sound. */
export interface WrittenPart {
  readonly name: string;
  /** When it begins on the call's clock, in ms. */
  readonly fromMs: number;
  readonly rateHz: number;
}

/** One sound: its files one after the other. Where two have the same time, the later one goes on with the call. */
export interface IndexedFile {
  readonly channels: readonly Channel[];
  readonly parts: readonly WrittenPart[];
}

export interface CallIndex {
  readonly version: 1;
  readonly files: readonly IndexedFile[];
  /** Files of notes, in their order; left out: there are none. */
  readonly notes?: readonly string[];
}

/** The file of one party's track, without its ending. */
export function trackName({ party, track }: Channel): string {
  return `party-${party}.${track}`;
}

/** @param part from 1 on. */
export function notesName(part: number): string {
  return `${NOTES_NAME}${part === 1 ? '' : `.${part}`}${NOTES_ENDING}`;
}

/** Whether a file of a call's folder holds notes. */
export function isNotes(name: string): boolean {
  return name.startsWith(`${NOTES_NAME}.`);
}
