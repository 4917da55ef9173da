/**
 * `npm run bench -- interpret --only non-speech`: how deaf a leg is to what is no speech, and how well it hears what
 * is. It runs as fast as the machine can. Music on hold of Debian's asterisk-moh-opsound-wav is listened to if it is
 * installed; what becomes of it is reported and decides nothing, for not all of it can be told from speech.
 */

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadMediaModules, type MediaModules } from '../../src/media/dsp/wasm.ts';
import { parseWav } from '../../src/protocol/wav.ts';
import {
  type Count,
  type MusicHeard,
  runDoubleTalk,
  runEchoes,
  runMusic,
  runSpeech,
  runTones,
  SYNTHESISED_MUSIC,
  synthesisedMusic,
} from '../media/non-speech-runs.ts';
import { spokenPieces, toRate } from '../media/spoken-pieces.ts';
import { spreadOf } from './percentiles.ts';
import { cell, renderTable } from './report-table.ts';

export interface NonSpeechBenchOptions {
  /** Utterances that are played and echoed. 500 are the project's target. */
  readonly echoes: number;
  /** Voices that begin while something is played, with echo and again without. */
  readonly doubleTalks: number;
  /** Minutes of music of each style that is synthesised. */
  readonly musicMinutes: number;
  /** Where the numbers go as JSON. */
  readonly jsonFile: string | undefined;
}

export const DEFAULT_NON_SPEECH_BENCH: NonSpeechBenchOptions = {
  echoes: 500,
  doubleTalks: 200,
  musicMinutes: 3,
  jsonFile: undefined,
};

const MOH_FOLDER = '/usr/share/asterisk/moh';
const PIECES_PER_VOICE = 12;
const KEY_LENGTHS_MS = [40, 50, 70, 100, 200] as const;
const LEVELS_DBM0 = [0, -10, -20, -30] as const;
const CADENCE_MS = 10_000;
const LEAST_RECALL = 0.95;
/** One of the eSpeak voices holds its pitch like an instrument for a second at a time; no person does. */
const MONOTONE_SHARE = 0.02;

interface Row {
  readonly what: string;
  readonly count: Count;
  readonly mostWrong: number;
}

/** Runs all, prints a table, and says whether the targets are met. */
export async function benchNonSpeech(options: NonSpeechBenchOptions): Promise<boolean> {
  const modules = await loadMediaModules();
  const pieces = spokenPieces(modules, PIECES_PER_VOICE);
  const missed = Math.floor(options.doubleTalks * (1 - LEAST_RECALL));
  const rows: readonly Row[] = [
    { what: 'echoed utterances', count: runEchoes(modules, pieces, options.echoes), mostWrong: 0 },
    {
      what: 'voices over an echo, begun within 300 ms',
      count: runDoubleTalk(modules, pieces, options.doubleTalks, true),
      mostWrong: missed,
    },
    {
      what: 'voices while something plays, without echo',
      count: runDoubleTalk(modules, pieces, options.doubleTalks, false),
      mostWrong: missed,
    },
    {
      what: 'keys and cadences of tones',
      count: runTones(modules, KEY_LENGTHS_MS, LEVELS_DBM0, CADENCE_MS),
      mostWrong: 0,
    },
    {
      what: 'speech alone, taken for music or missed',
      count: runSpeech(modules, pieces),
      mostWrong: Math.floor(pieces.length * MONOTONE_SHARE),
    },
  ];
  const music = SYNTHESISED_MUSIC.map((style) =>
    runMusic(modules, style, synthesisedMusic(style, options.musicMinutes * 60_000)),
  );
  const onHold = musicOnHold(modules);
  console.log(countTable(rows));
  console.log(`\n${musicTable([...music, ...onHold])}`);
  if (options.jsonFile !== undefined) {
    const report = { scope: 'non-speech', rows, music, onHold };
    writeFileSync(options.jsonFile, `${JSON.stringify(report, null, 2)}\n`);
  }
  return rows.every(isMet) && music.every(({ passed }) => passed === 0);
}

function isMet({ count, mostWrong }: Row): boolean {
  return count.wrong <= mostWrong;
}

function musicOnHold(modules: MediaModules): readonly MusicHeard[] {
  if (!existsSync(MOH_FOLDER)) {
    return [];
  }
  const files = readdirSync(MOH_FOLDER).filter((name) => name.endsWith('.wav'));
  return files.map((name) => {
    const { pcm, rateHz } = parseWav(readFileSync(join(MOH_FOLDER, name)));
    return runMusic(modules, name, toRate(modules, pcm, rateHz, 8_000));
  });
}

function countTable(rows: readonly Row[]): string {
  const head = ['what is heard', 'tried', 'wrong', 'at most', 'met', 'for example'];
  return renderTable(
    head,
    rows.map((row) => [
      row.what,
      cell(row.count.tried, 0),
      cell(row.count.wrong, 0),
      cell(row.mostWrong, 0),
      isMet(row) ? 'yes' : 'no',
      row.count.which[0] ?? '',
    ]),
  );
}

function musicTable(heard: readonly MusicHeard[]): string {
  const head = ['music', 's', 'ended as no speech', 'after ms (median)', 'passed on', 's passed on'];
  return renderTable(
    head,
    heard.map((one) => [
      one.name,
      cell(one.seconds, 0),
      cell(one.unmasked, 0),
      cell(spreadOf(one.unmaskedAfterMs).p50, 0),
      cell(one.passed, 0),
      cell(one.passedSeconds, 1),
    ]),
  );
}
