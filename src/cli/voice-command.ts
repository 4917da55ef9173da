/**
 * `dragoman voice`: voice profiles of a running service. What is to be done is a word and not a command of its own, so
 * that manual and completion have all of its flags in one place.
 */

import { Argument, Command } from 'commander';
import { type Clock, systemClock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { CliContext } from './context.ts';
import { addServiceOptions, ServiceApi } from './service-api.ts';
import type { WrittenAddress } from './status-address.ts';
import { untilInterrupted } from './until-interrupted.ts';
import { enrol } from './voice/enrol.ts';
import { VOICE_ACTIONS, type VoiceAction, type VoiceOptions, writtenVersion } from './voice/voice-options.ts';
import type { VoiceTask } from './voice/voice-task.ts';
import { deleteVoice, listVoices, showVoice, testVoice, updateVoice } from './voice/voice-tasks.ts';

const HELP = `
A profile is who somebody is to the engines that speak for them. It is kept by the service, if that has --voices-db, and is
used where a party's voice is @SPEAKER, or by number (--voices-by-caller).
  $ dragoman voice enrol ana.wav --speaker ana --language es --consent-by "Ana Ruiz" --consent-how "signed form 12"
  $ dragoman voice enrol --call 4f2c --party a --seconds 60 --speaker ana
  $ dragoman voice enrol --kept --speaker ana
  $ dragoman voice test ana --language en Good morning, this is how I sound.
  $ dragoman voice update ana --speed 1.1 --consent-until 2027-12-31
  $ dragoman voice delete ana

enrol takes 10 s to 5 minutes of one person as a WAV of 16 bit, finds the best stretch, and has each engine that can make a
voice of it. With --call it takes what a party says in a call that runs, who is told so, and nothing of whoever does not
want to be recorded. With --kept it has engines make the voice that had none then or have lost it since, of the recording of
before, which goes with --no-keep. Without a record of the speaker's consent it refuses. test says which engine speaks, and
whether with the voice of the speaker. delete takes the voice away at its providers, too, and says which of them did not confirm
it. update and delete with --if-version change only that one: others may have changed it.

Exit status: 0 it is done; 1 it could not be, and why is said; 2 what was asked for is wrong.`;

const TASKS: Readonly<Record<VoiceAction, (task: VoiceTask) => Promise<void>>> = {
  enrol,
  list: listVoices,
  show: showVoice,
  update: updateVoice,
  delete: deleteVoice,
  test: testVoice,
};

export function voiceCommand(context: CliContext, clock: Clock = systemClock): Command {
  const command = new Command('voice')
    .description('voices of speakers: enrol, list, show, update, delete or test them')
    .addArgument(new Argument('<action>', 'what is to be done').choices([...VOICE_ACTIONS]))
    .argument(
      '[words...]',
      'enrol: the WAV; show, update, delete: the speaker; test: the speaker, then a text',
    )
    .option('--speaker <id>', 'whose voice: a letter, then letters, digits, ".", "_" and "-"')
    .option('--name <name>', 'their name, for people')
    .option(
      '--language <tag>',
      'what is spoken in the recording, or is to be; of a call: what the party speaks',
    )
    .option('--transcript <text>', 'what is said in the recording: some engines clone better with it')
    .option('--consent-by <name>', 'who agreed: the speaker, or who may speak for them')
    .option('--consent-how <text>', 'how that is known: "signed form 12"')
    .option('--consent-until <date>', 'when it ends: 2027-12-31; the voice is not used after that')
    .option('--consent-recording <file>', 'the speaker saying that they agree, as a WAV: OpenAI wants it')
    .option(
      '--call <call>',
      'enrol from a call that runs, in place of a WAV: its id, or the beginning of that',
    )
    .option('--party <party>', 'who of the call it is: a, b, …')
    .option('--seconds <number>', 'how much of their speech is enough, 10 to 120 (default 60)')
    .option('--no-keep', 'the recording itself is not kept: no other engine can make the voice of it later')
    .option(
      '--kept',
      'enrol from the recording that is kept, at the engines that have no voice of it, or lost it',
    )
    .option('--speed <factor>', 'how fast the voice speaks, 0.5 to 2')
    .option('--pitch <semitones>', 'how much higher, -12 to 12')
    .option('--emotion <word>', 'with which emotion, by a word of the engine')
    .option('--rendering <engine=id...>', 'a voice that an engine has already')
    .option('--if-version <number>', 'update, delete: only if this is its version', writtenVersion)
    .option('--forget', 'delete it here even where a provider does not confirm')
    .option('--output <file>', 'where test writes the WAV (default: SPEAKER-speaks.wav)')
    .option('--json', 'print JSON');
  return addServiceOptions(command)
    .addHelpText('after', HELP)
    .action((action: string, words: readonly string[], all: VoiceOptions & WrittenAddress) =>
      untilInterrupted(context.signals, async (signal) => {
        const known = VOICE_ACTIONS.find((each) => each === action);
        if (known === undefined) {
          throw new AppError('bad-option', `${action} cannot be done with a voice`);
        }
        const scope = known === 'list' || known === 'show' ? 'read' : 'control';
        const api = new ServiceApi(all, context, { scope, clock, signal });
        try {
          await TASKS[known]({ api, words, options: all, context, clock, signal });
        } finally {
          await api.close();
        }
      }),
    );
}
