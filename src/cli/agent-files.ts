/** The agents that files describe (`--agent-file`), read before the first call. */

import { parseDocument } from 'yaml';
import { z } from 'zod';
import { AppError, messageOf } from '../base/errors.ts';
import { parseLanguage } from '../base/language.ts';
import {
  AGENT_TOOLS,
  type AgentDescription,
  type AgentDescriptions,
} from '../engines/agents/agent-description.ts';
import { readNamedFile } from '../server/named-file.ts';

/** The longest prompt, in characters: providers cut longer ones off, Deepgram at 25,000. */
const MOST_PROMPT = 25_000;
const MOST_PLACES = 50;

const LINE = z.string().min(1).max(500);

const WORD = z.string().min(1).max(200);

const FILE = z.strictObject({
  id: WORD.optional(),
  version: z
    .union([WORD, z.int().min(0)])
    .transform(String)
    .optional(),
  branch: WORD.optional(),
  environment: WORD.optional(),
  variables: z.record(z.string().min(1).max(100), z.string().max(2_000)).optional(),
  prompt: z.string().min(1).max(MOST_PROMPT).optional(),
  greeting: LINE.optional(),
  language: z.string().transform(languageOf).optional(),
  voice: z.string().min(1).max(200).optional(),
  model: z.string().min(1).max(200).optional(),
  tools: z.array(z.preprocess(withUnderscores, z.enum(AGENT_TOOLS))).optional(),
  'transfer-to': z
    .record(z.string().regex(/^[A-Za-z0-9+*#][A-Za-z0-9+*#._-]{0,39}$/), LINE)
    .refine((places) => Object.keys(places).length <= MOST_PLACES, {
      message: `more than ${MOST_PLACES} places`,
    })
    .optional(),
  settings: z.record(z.string(), z.unknown()).optional(),
});

/** What says something of an agent that its provider keeps, and of no other. */
const OF_KEPT = ['version', 'branch', 'environment', 'variables'] as const;

/** Undefined: it is one that there can be. */
function contradiction(read: z.infer<typeof FILE>): string | undefined {
  if (read.id !== undefined) {
    return undefined;
  }
  const alone = OF_KEPT.find((key) => read[key] !== undefined);
  if (alone !== undefined) {
    return `${alone}: there is no id of an agent that its provider keeps`;
  }
  return read.prompt === undefined ? 'prompt: it is missing' : undefined;
}

/** @throws AppError `file-unreadable`, or `bad-option` naming the file and what is wrong in it. */
export function readAgentFiles(files: ReadonlyMap<string, string>): AgentDescriptions {
  return new Map(
    [...files].map(([name, path]) => [name, readNamedFile(`--agent-file ${name}`, path, parseAgent)]),
  );
}

/** What YAML, or JSON, says of an agent. @throws AppError `bad-option` */
export function parseAgent(text: string): AgentDescription {
  const document = parseDocument(text, { prettyErrors: true, logLevel: 'error' });
  const [broken] = document.errors;
  if (broken !== undefined) {
    throw new AppError('bad-option', broken.message.split('\n', 1)[0] ?? 'it is no YAML');
  }
  const read = FILE.safeParse(document.toJS());
  const wrong = read.success ? contradiction(read.data) : wrongIn(read.error);
  if (!read.success || wrong !== undefined) {
    throw new AppError(
      'bad-option',
      `${wrong}; an agent has prompt, greeting, language, voice, model, ` +
        'tools, transfer-to and settings, of which the prompt must be there; one that its provider keeps has id, version, ' +
        'branch, environment and variables, of which the id must be',
    );
  }
  const { id, version, branch, environment, variables, ...described } = read.data;
  const { 'transfer-to': places = {}, settings = {}, tools, ...rest } = described;
  const transferTo = new Map(Object.entries(places));
  const usual = id === undefined ? (['hang_up'] as const) : [];
  return {
    ...rest,
    ...(id === undefined ? {} : { kept: { id, version, branch, environment, variables: variables ?? {} } }),
    tools: tools ?? (transferTo.size === 0 ? usual : ['transfer', 'hang_up']),
    ...{ transferTo, settings },
  };
}

function wrongIn({ issues: [issue] }: z.ZodError): string {
  const at = issue?.path.join('.') ?? '';
  return issue?.code === 'invalid_type' && at === ''
    ? 'it is empty, or its lines are none such as "prompt: You answer for a bakery"'
    : `${at || 'it'}: ${issue?.message}`;
}

function withUnderscores(written: unknown): unknown {
  return typeof written === 'string' ? written.replaceAll('-', '_') : written;
}

function languageOf(written: string, context: z.RefinementCtx<string>): string {
  try {
    return parseLanguage(written);
  } catch (error) {
    context.addIssue({ code: 'custom', message: messageOf(error) });
    return z.NEVER;
  }
}
