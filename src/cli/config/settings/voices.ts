/** Voices of speakers: where their profiles are kept, and whose voice speaks for whom. */

import { isAbsolute } from 'node:path';
import { AppError } from '../../../base/errors.ts';
import { parseLanguage } from '../../../base/language.ts';
import { Secret } from '../../../base/secret.ts';
import type { DialledAgent } from '../../../call/seating/agent-seating.ts';
import { isSpeakerId } from '../../../voices/profile.ts';
import { plainNumber } from '../../../voices/voices-by-number.ts';
import { one, oneOrNone, setting } from '../setting.ts';
import { isOff } from '../values.ts';
import { mapped } from './readers.ts';

const GROUP = 'Voices of speakers:';

export const VOICES = {
  speakerModel: setting({
    key: 'speaker-model',
    kind: 'one',
    group: GROUP,
    placeholder: 'file',
    help: 'model of sherpa-onnx that tells voices apart, for the enrolment of speakers',
    fallback: [],
    read: oneOrNone(String),
  }),
  voicesDb: setting({
    key: 'voices-db',
    kind: 'one',
    group: GROUP,
    placeholder: 'file|off',
    help:
      'file that keeps voice profiles ("dragoman voice"), such as /var/lib/dragoman/voices.db, made where there is none; ' +
      'off: none are kept, and everybody is spoken for with the voice of the language',
    fallback: ['off'],
    words: ['off'],
    read: one(parseDatabase),
  }),
  voicesDbUrl: setting({
    key: 'voices-db-url-file',
    kind: 'one',
    group: GROUP,
    placeholder: 'file',
    help:
      'file that holds the address of a PostgreSQL database that keeps them instead, for several servers: ' +
      'postgresql://user:password@host/name; or DRAGOMAN_VOICES_DB_URL is the address itself',
    fallback: [],
    fallbackHelp: 'no such database',
    inFile: true,
    read: oneOrNone(parsePostgresUrl),
  }),
  voicesByCaller: setting({
    key: 'voices-by-caller',
    kind: 'by-extension',
    group: GROUP,
    placeholder: 'number=speaker,...',
    help: 'whose voice speaks for who calls from a number, such as +34600123123=ana',
    fallback: [],
    read: mapped(parseNumberOfSpeaker, 'names a number twice: write each once'),
  }),
  voicesByDialled: setting({
    key: 'voices-by-dialled',
    kind: 'by-extension',
    group: GROUP,
    placeholder: 'number=speaker,...',
    help: 'whose voice speaks for who comes by a dialled number, where the caller has none',
    fallback: [],
    read: mapped(parseNumberOfSpeaker, 'names a number twice: write each once'),
  }),
  agentsByDialled: setting({
    key: 'agents-by-dialled',
    kind: 'by-extension',
    group: GROUP,
    placeholder: 'number=agent,...',
    help:
      'a voice agent that answers who dials a number, such as 7000=elevenlabs:agent_01jx; @ and a language after it: what ' +
      'the agent speaks, where that is not what the caller does',
    fallback: [],
    read: mapped(parseNumberOfAgent, 'names a number twice: write each once'),
  }),
  agent: setting({
    key: 'agent',
    kind: 'one',
    group: GROUP,
    placeholder: 'agent',
    help:
      'a voice agent that answers everybody else: who comes to no call that was registered, by none of --extensions and by ' +
      'no number of --agents-by-dialled; written as there, such as openai:reception@en',
    fallback: [],
    fallbackHelp: 'they meet each other',
    read: oneOrNone(parseAnsweringAgent),
  }),
  agentFiles: setting({
    key: 'agent-file',
    kind: 'by-extension',
    group: GROUP,
    placeholder: 'name=file,...',
    help:
      'files that describe agents, such as reception=/etc/dragoman/reception.yaml for openai:reception or ' +
      'deepgram:reception: prompt, greeting, language, voice, model, tools, transfer-to, settings; and of an agent that ' +
      'its provider keeps (elevenlabs, openai) id, version, branch, environment, variables',
    fallback: [],
    read: mapped(parseAgentFile, 'names an agent twice: write each once'),
  }),
} as const;

function parseDatabase(text: string): string | undefined {
  if (isOff(text)) {
    return undefined;
  }
  if (!isAbsolute(text)) {
    throw new AppError(
      'bad-option',
      `"${text}" is no whole path: write one such as /var/lib/dragoman/voices.db, or off`,
    );
  }
  return text;
}

/** It is never quoted: it holds a password. */
function parsePostgresUrl(text: string): Secret {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^postgres(ql)?:$/.test(url.protocol) || url.hostname === '') {
    throw new AppError(
      'bad-option',
      'it is no address of PostgreSQL: write one such as postgresql://dragoman:password@10.0.0.7/dragoman',
    );
  }
  return new Secret(text);
}

const AGENT = /^([a-z][a-z0-9-]*):([A-Za-z0-9_-]{1,80})(?:@([A-Za-z0-9-]+))?$/;

function agentOf(text: string): DialledAgent | undefined {
  const [written, engine = '', agent = '', language] = AGENT.exec(text.trim()) ?? [];
  return written === undefined
    ? undefined
    : { engine, agent, language: language === undefined ? undefined : parseLanguage(language) };
}

function parseAnsweringAgent(text: string): DialledAgent {
  const agent = agentOf(text);
  if (agent === undefined) {
    throw new AppError(
      'bad-option',
      `"${text}" is no agent: write engine:agent, such as elevenlabs:agent_01jx, or with what the agent speaks, ` +
        'elevenlabs:agent_01jx@en',
    );
  }
  return agent;
}

function parseAgentFile(text: string): readonly [string, string] {
  const [, name = '', path = ''] = /^\s*([A-Za-z0-9_-]{1,80})\s*=\s*(\S.*)$/.exec(text) ?? [];
  if (path === '') {
    throw new AppError(
      'bad-option',
      `"${text}" is no name and file: write name=file, such as reception=/etc/dragoman/reception.yaml; a name has ` +
        'letters, digits, "_" and "-"',
    );
  }
  return [name, path.trim()];
}

function parseNumberOfAgent(text: string): readonly [string, DialledAgent] {
  const at = text.indexOf('=');
  const agent = at < 1 ? undefined : agentOf(text.slice(at + 1));
  const number = plainNumber(text.slice(0, Math.max(at, 0)));
  if (number === undefined || agent === undefined) {
    throw new AppError(
      'bad-option',
      `"${text}" is no number and agent: write number=engine:agent, such as 7000=elevenlabs:agent_01jx, or with what the ` +
        'agent speaks, 7000=elevenlabs:agent_01jx@en',
    );
  }
  return [number, agent];
}

function parseNumberOfSpeaker(text: string): readonly [string, string] {
  const [written = '', speaker = '', ...more] = text.split('=').map((part) => part.trim());
  const number = plainNumber(written);
  if (number === undefined || more.length > 0 || !isSpeakerId(speaker)) {
    throw new AppError(
      'bad-option',
      `"${text}" is no number and speaker: write number=speaker, such as +34600123123=ana; a speaker's id begins with a ` +
        'letter and has letters, digits, ".", "_" and "-"',
    );
  }
  return [number, speaker];
}
