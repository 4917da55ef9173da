/**
 * `dragoman replay`: plays a call again that was recorded with what its engines answered, through the interpreter of
 * this version, and prints the first thing that comes out otherwise.
 */

import { Command, InvalidArgumentError, Option } from 'commander';
import { systemClock } from '../base/clock.ts';
import { DrivenClock } from '../base/driven-clock.ts';
import { AppError, messageOf } from '../base/errors.ts';
import { silentLog } from '../base/log.ts';
import { Scope } from '../base/scope.ts';
import type { CallNote } from '../call/recording/call-notes.ts';
import { EMPTY_GLOSSARY } from '../interpret/exactness/glossary.ts';
import { loadMediaModules } from '../media/dsp/wasm.ts';
import { parseSealKey } from '../protocol/recording/seal-key.ts';
import { defaultPlan } from '../server/default-plan.ts';
import { Interpreting } from '../server/interpreting/interpreting.ts';
import { assumedNotes } from '../server/replay/assumed-notes.ts';
import { type Comparison, compareCalls } from '../server/replay/compare-calls.ts';
import { keptInterpreters } from '../server/replay/kept-interpreters.ts';
import { RecordedCall } from '../server/replay/recorded-call.ts';
import { replay } from '../server/replay/replay.ts';
import { SavedCall } from '../server/replay/saved-call.ts';
import { readPrivateKeyFile } from './config/key-file.ts';
import { loadConfig } from './config/load-config.ts';
import type { ServeConfig } from './config/serve-config.ts';
import type { CliContext } from './context.ts';

interface ReplayFlags {
  readonly engines: 'kept' | 'live';
  readonly tolerance: number;
  readonly recordKeyFile?: string;
  readonly config?: string;
  readonly languages?: string;
  readonly save?: string;
}

/** By how much times may be others, in ms, where nothing else is written: threads and sockets of the call had their own. */
const TOLERANCE_MS = 250;

const HELP = `
FOLDER is that of one call, recorded with --record voices or all. Where it was recorded with --record-engines, what its
engines answered then they answer again, each as late as then, so that it takes a fraction of the time and needs no keys;
with --engines live the call takes as long as it took, and is interpreted by the engines of --config. Where it was not, its
sound can be played to live engines, and nothing is known that could be compared: what was heard and said is printed.
With --save what comes of it is kept in a folder of its own, to be listened to, and to be played again. What is printed and
kept holds what was said.

  $ dragoman replay 20261128T151000Z-5f0c --engines live --config /etc/dragoman/dragoman.yaml --save complaint-17
  $ dragoman replay complaint-17                     the same again, without engines, in seconds
  $ dragoman report complaint-17                     its picture

Exit status: 0 it is the same, or nothing was to be compared; 1 something is otherwise, and the first of it is printed; 2 it
cannot be played.`;

/** @param setStatus is given the exit status when it is not 0 and nothing is thrown. */
export function replayCommand(context: CliContext, setStatus: (status: number) => void): Command {
  return new Command('replay')
    .description('play a recorded call through the interpreter again, and show the first difference')
    .argument('<folder>', 'the folder of the call')
    .allowExcessArguments(false)
    .addOption(
      new Option('--engines <which>', 'what answers: what was kept, or engines of now')
        .choices(['kept', 'live'])
        .default('kept'),
    )
    .option('--tolerance <ms>', 'by how much times may be others', readTolerance, TOLERANCE_MS)
    .option('--record-key-file <file>', 'the file that holds the key, where the recording is encrypted')
    .option('--config <file>', "the service's YAML file, for --engines live")
    .option(
      '--languages <codes>',
      'what its parties spoke, in their order, such as en,fr, where it was recorded without --record-engines ' +
        '(default: those of --config)',
    )
    .option(
      '--save <dir>',
      'where the call as it is now is kept, in a new folder; sealed with the key, where the recording is',
    )
    .addHelpText('after', HELP)
    .action(async (folder: string, flags: ReplayFlags) => {
      try {
        setStatus(await run(folder, flags, context));
      } catch (error) {
        // What cannot be played is no difference.
        context.writeError(`dragoman: ${messageOf(error).replaceAll('\n', '\ndragoman: ')}\n`);
        setStatus(2);
      }
    });
}

function readTolerance(text: string): number {
  const ms = Number(text);
  if (!/^\d+$/.test(text) || ms > 60_000) {
    throw new InvalidArgumentError('write a number of ms from 0 to 60000');
  }
  return ms;
}

async function run(folder: string, flags: ReplayFlags, context: CliContext): Promise<number> {
  const { recordKeyFile: keyFile } = flags;
  const key = keyFile === undefined ? undefined : parseSealKey(readPrivateKeyFile(keyFile));
  const call = await RecordedCall.open(folder, key);
  const warn = (warning: string): void => context.writeError(`dragoman: ${warning}\n`);
  if (call.notes.length === 0) {
    return runWithoutNotes(call, key, flags, context, warn);
  }
  for (const warning of warningsOf(call, flags)) {
    warn(warning);
  }
  const saved = await savedTo(flags, key);
  const began = systemClock.nowMs();
  const notes =
    flags.engines === 'kept' ? await replayKept(call, saved) : await replayLive(call, saved, flags, context);
  const tookMs = systemClock.nowMs() - began;
  await saved?.write();
  const comparison = compareCalls(call.notes, notes, flags.tolerance);
  context.writeOut(reportOf(comparison, tookMs) + savedText(flags));
  return comparison.differences.length === 0 ? 0 : 1;
}

/** Of a call of which nothing is kept but its sound. */
async function runWithoutNotes(
  call: RecordedCall,
  key: Uint8Array | undefined,
  flags: ReplayFlags,
  context: CliContext,
  warn: (warning: string) => void,
): Promise<number> {
  if (flags.engines === 'kept') {
    throw new AppError(
      'file-unreadable',
      `${call.folder} has no engines.jsonl: it was recorded without --record-engines, so what its engines answered is not ` +
        'known; play its sound to engines of now with --engines live',
    );
  }
  const config = liveConfig(flags, context);
  const plan = defaultPlan(config, () => EMPTY_GLOSSARY);
  const assumed = call.withNotes(await assumedNotes(call, plan, config.languages));
  if (assumed.notes.length === 0) {
    throw new AppError(
      'file-unreadable',
      `${call.folder} holds no voice of a party: a call can be played again when it was recorded with --record voices or all`,
    );
  }
  warn(
    'of this call nothing is kept but its sound: who came and left when, what was changed of it and its glossary are not ' +
      'known; everybody is taken to be there from its beginning to its end',
  );
  warn(`its parties are taken to speak ${spokenIn(assumed)}: write --languages where they spoke others`);
  const saved = await savedTo(flags, key);
  const notes = await replayLive(assumed, saved, flags, context);
  await saved?.write();
  context.writeOut(whatCame(notes) + savedText(flags));
  return 0;
}

/** Made before the call is played, so that no work is lost. */
async function savedTo({ save }: ReplayFlags, key: Uint8Array | undefined): Promise<SavedCall | undefined> {
  return save === undefined ? undefined : SavedCall.prepare(save, key);
}

function savedText({ save }: ReplayFlags): string {
  return save === undefined ? '' : `kept in ${save}\n`;
}

function spokenIn({ notes }: RecordedCall): string {
  return notes.flatMap((note) => (note.type === 'leg' ? [`${note.party}: ${note.language}`] : [])).join(', ');
}

/** What was heard and said, one after the other, where there is nothing to compare it with. */
function whatCame(notes: readonly CallNote[]): string {
  const lines = notes.flatMap((note) => {
    const event = note.type === 'event' ? note.event : undefined;
    if (event?.type === 'heard' && event.final) {
      return [`${seconds(event.atMs)}  ${event.party}  ${event.piiText}\n`];
    }
    return event?.type === 'spoken'
      ? [`${seconds(event.atMs)}  ${event.party}  -> ${event.language}  ${event.piiText}\n`]
      : [];
  });
  return lines.length === 0 ? 'nothing was heard\n' : lines.join('');
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2).padStart(8)} s`;
}

/** What makes a replay another call than the one that was. */
function warningsOf(
  { notes, notesMissing }: RecordedCall,
  { engines, languages }: ReplayFlags,
): readonly string[] {
  const events = notes.flatMap((note) => (note.type === 'event' ? [note.event] : []));
  return [
    ...(notesMissing === 0
      ? []
      : [`${notesMissing} notes of the call are missing: the recorder or its disk was too slow for them`]),
    ...(events.some((event) => event.type === 'recording' && event.state !== 'on')
      ? ['its recording was paused: what was said meanwhile is missing']
      : []),
    ...(events.some(({ type }) => type === 'saying')
      ? ['something was said to its parties by the API: that is not played again']
      : []),
    ...(isChangedUnnoted(notes)
      ? [
          'something of a party was changed of which it is not kept what it became (whether it is muted, what it hears, its ' +
            'voice): that is played again from when it came back, or not at all',
        ]
      : []),
    ...(engines === 'kept' && events.some(({ type }) => type === 'spoken') && !notes.some(isAnswer)
      ? [
          'what its interpreters answered was not kept by the version that recorded it: nothing will be heard or said; play ' +
            'it with --engines live',
        ]
      : []),
    ...(engines === 'kept' &&
    directionsOf(notes, 'engines').some((each) => directionsOf(notes, 'translator').includes(each))
      ? ['engines took over from an interpreter of its, or gave back to it: that is not played again']
      : []),
    ...(languages === undefined ? [] : ['what its parties spoke is known: --languages is left out']),
  ];
}

/** Whether a party was changed in more than its name and its language, which alone are told. */
function isChangedUnnoted(notes: readonly CallNote[]): boolean {
  const known = new Map<
    string,
    { name?: string; language?: string; refusesRecording?: boolean; leg?: string }
  >();
  return notes.some((note) => {
    if (note.type === 'leg') {
      const { party, language, original, hears, muted } = note;
      const leg = JSON.stringify([original, hears, muted]);
      const before = known.get(party);
      known.set(party, { ...before, language, leg });
      return before?.leg !== undefined && before.leg !== leg;
    }
    const event = note.type === 'event' ? note.event : undefined;
    if (event?.type === 'party-state') {
      const { party, name, language } = event;
      known.set(party, { ...known.get(party), name, language });
    } else if (event?.type === 'party-changed') {
      const { party, name, language, refusesRecording = false } = event;
      const before = known.get(party);
      known.set(party, { ...before, name, language, refusesRecording });
      return (
        before?.name === name &&
        before.language === language &&
        (before.refusesRecording ?? false) === refusesRecording
      );
    }
    return false;
  });
}

/** Whether it says what engines answered. */
function isAnswer(note: CallNote): note is Extract<CallNote, { type: 'engines' | 'translator' }> {
  return note.type === 'engines' || note.type === 'translator';
}

function directionsOf(notes: readonly CallNote[], by: 'engines' | 'translator'): readonly string[] {
  return notes
    .filter(isAnswer)
    .filter(({ type }) => type === by)
    .map(({ party, to }) => `${party} ${to}`);
}

async function replayKept(call: RecordedCall, saved: SavedCall | undefined): Promise<readonly CallNote[]> {
  const modules = await loadMediaModules();
  const clock = new DrivenClock(0, new Date(call.beginning.startedAt));
  return replay(call, {
    interpreters: (startMs) => keptInterpreters(call.notes, clock, startMs),
    announcements: undefined,
    ...{ clock, modules, saved, log: silentLog },
  });
}

/** @throws AppError where an engine cannot be used. */
async function replayLive(
  call: RecordedCall,
  saved: SavedCall | undefined,
  flags: ReplayFlags,
  context: CliContext,
): Promise<readonly CallNote[]> {
  const config = liveConfig(flags, context);
  const modules = await loadMediaModules();
  const interpreting = new Interpreting(config, silentLog, systemClock);
  const scope = new Scope((error) => {
    throw error;
  });
  try {
    await interpreting.start(() => {}, scope.signal);
    return await replay(call, {
      interpreters: () => interpreting.interpreters,
      announcements: interpreting.announcements,
      ...{ clock: systemClock, modules, saved, log: silentLog },
    });
  } finally {
    await scope.close();
    await interpreting.close();
  }
}

/** @throws AppError `bad-option` where the settings cannot be read. */
function liveConfig({ config, languages }: ReplayFlags, { environment }: CliContext): ServeConfig {
  const spoken = languages?.split(',') ?? [];
  const [first, second] = spoken;
  return loadConfig(
    {
      ...(config === undefined ? {} : { config: [config] }),
      ...(spoken.length === 2 ? { pair: [`${first}:${second}`] } : {}),
      ...(spoken.length > 2 ? { parties: [languages] } : {}),
    },
    environment,
  );
}

function reportOf({ utterances, segments, differences, mostOffMs }: Comparison, tookMs: number): string {
  const played = `${utterances} utterances, ${segments} segments, played in ${(tookMs / 1_000).toFixed(1)} s`;
  const [first, ...more] = differences;
  if (first === undefined) {
    return `the same: ${played}; times differ by ${mostOffMs} ms at most\n`;
  }
  const others = more.length === 0 ? '' : `${more.length} more differences after it\n`;
  return `first difference, at ${(first.atMs / 1_000).toFixed(2)} s: ${first.sentence}\n${others}${played}\n`;
}
