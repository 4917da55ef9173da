/**
 * `POST /calls`: a call is described before its legs come, and each of its parties gets a UUID to come by. As JSON, or as
 * a form in and out, for dialplans (`form-call.ts`). `PUT /calls/{call}` is the same under an id that who asks has chosen.
 */

import type { FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { plainAddress } from '../../../base/addresses.ts';
import type { Language } from '../../../base/language.ts';
import {
  type AgentSeat,
  CALL_KINDS,
  CALL_MODES,
  type GlossaryBook,
  ORIGINAL_MODES,
  PARTY_HEARINGS,
  type PartyPlan,
} from '../../../call/plan.ts';
import { RECORDED, RECORDING_STARTS } from '../../../call/recording/recorder.ts';
import {
  type CallWish,
  type RegisteredCall,
  registeredIdOf,
} from '../../../call/seating/registered-calls.ts';
import { EMPTY_GLOSSARY, Glossary } from '../../../interpret/exactness/glossary.ts';
import { POLICY_NAMES } from '../../../interpret/policy/cut-policy.ts';
import { reachable } from '../../doors/reachable.ts';
import type { InterpretingView } from '../../interpreting/interpreting-view.ts';
import type { ServerView } from '../../server-view.ts';
import { parseTraceparent } from '../../traces/trace-parent.ts';
import { Refused } from '../problem.ts';
import { type ApiApp, type ApiDeps, REFUSALS } from './api-app.ts';
import { answerOf, callInForm, FORM } from './form-call.ts';
import { IdempotentAnswers } from './idempotent-answers.ts';
import { OwnIds } from './own-ids.ts';
import { refuseUnspoken, WRITTEN_LANGUAGE } from './written-language.ts';

/** Parties of one call: `a` to `p`. */
const MOST_PARTIES = 16;
const MOST_TERMS = 500;
/** As many as there are keys of idempotency. */
const MOST_ENDED = 10_000;
const USUAL_TTL_S = 120;
const LONGEST_TTL_S = 86_400;

export const TTL_SECONDS = z.number().int().min(1).max(LONGEST_TTL_S).default(USUAL_TTL_S);

/** A telephone number, however it is written; it is neither shown nor logged. */
const NUMBER = z.string().max(80);

const WISHED_PARTY = z
  .strictObject({
    language: WRITTEN_LANGUAGE,
    name: z.string().min(1).max(80).exactOptional().meta({ description: 'for people' }),
    voice: z.string().min(1).max(200).exactOptional().meta({
      description: "that speaks for it: an engine's name of one, or @ and the id of a speaker with a profile",
    }),
    original: z.enum(ORIGINAL_MODES).exactOptional(),
    hears: z.enum(PARTY_HEARINGS).default('all'),
    muted: z.boolean().default(false),
    refusesRecording: z.boolean().default(false).meta({
      description: 'nothing of it is kept, nor what the others hear of it, from the beginning of the call on',
    }),
  })
  .meta({ id: 'WishedParty' });

/** An agent as it is written: `elevenlabs:agent_01jx`. */
const AGENT_NAME = /^([a-z][a-z0-9-]{0,30}):([A-Za-z0-9_-]{1,80})$/;

const AGENT_WORDS = z
  .string()
  .regex(AGENT_NAME, { message: 'write engine:agent, such as elevenlabs:agent_01jx' });

const AGENT = z
  .union([
    AGENT_WORDS,
    z.strictObject({
      use: AGENT_WORDS,
      firstMessage: z.string().min(1).max(500).exactOptional(),
      overrideLanguage: z
        .boolean()
        .default(false)
        .meta({ description: "whether it is told the party's language; its settings must allow that" }),
      variables: z
        .record(z.string().regex(/^(?!system__)[A-Za-z_][A-Za-z0-9_]{0,60}$/), z.string().max(500))
        .refine((written) => Object.keys(written).length <= 20, { message: 'more than 20 variables' })
        .default({}),
    }),
  ])
  .exactOptional()
  .meta({ description: 'a machine that answers by itself; nobody comes for it, and it is fetched' });

export const FETCHED_PARTY = WISHED_PARTY.extend({ agent: AGENT });

const REGISTERED_PARTY = FETCHED_PARTY.extend({
  caller: NUMBER.exactOptional().meta({ description: 'who calls, for --voices-by-caller' }),
  dialled: NUMBER.exactOptional().meta({ description: 'what was dialled, for --voices-by-dialled' }),
}).meta({ id: 'RegisteredParty' });

export const CALL_WISH = z
  .strictObject({
    parties: z
      .array(REGISTERED_PARTY)
      .min(2)
      .max(MOST_PARTIES)
      .refine((parties) => parties.some(({ agent }) => agent === undefined), {
        message: 'nobody is a person: a call begins when one comes',
      }),
    kind: z.enum(CALL_KINDS).exactOptional().meta({ description: 'a pair of two, a conference of more' }),
    mode: z.enum(CALL_MODES).exactOptional(),
    translating: z.boolean().exactOptional(),
    policy: z.enum(POLICY_NAMES).exactOptional(),
    original: z.enum(ORIGINAL_MODES).exactOptional(),
    matchDelay: z
      .boolean()
      .exactOptional()
      .meta({ description: 'whether the faster direction of a pair is held to match the slower one' }),
    record: z
      .enum(RECORDED)
      .exactOptional()
      .meta({ description: 'what is kept of it, in place of --record, where that is not off' }),
    recordStart: z.enum(RECORDING_STARTS).exactOptional(),
    announce: z
      .boolean()
      .exactOptional()
      .meta({ description: 'whether parties are told of the interpreter' }),
    glossary: z
      .record(z.string().max(41), z.record(z.string().min(1).max(100), z.string().min(1).max(200)))
      .exactOptional()
      .refine((book) => termsOf(book) <= MOST_TERMS, {
        message: `more than ${MOST_TERMS} terms: write those of every call into --glossary`,
      })
      .meta({
        description: 'by direction, `en:es`: terms and their translations, in place of those of --glossary',
      }),
    linkedid: z
      .string()
      .regex(/^[\x21-\x7e]{1,150}$/)
      .exactOptional()
      .meta({
        description: "Asterisk's CHANNEL(linkedid): kept in the call's record, as in Asterisk's own",
      }),
    traceparent: z
      .string()
      .refine((text) => parseTraceparent(text) !== undefined, {
        message:
          'this is no traceparent: write 00-, 32 and 16 hexadecimal digits and two for flags, with "-" between',
      })
      .exactOptional()
      .meta({
        description:
          'the trace in which the call is made (W3C Trace Context): --traces shows its utterances below that; the header ' +
          'traceparent says the same, for clients that send it by themselves',
      }),
    metadata: z
      .record(z.string().min(1).max(40), z.string().max(200))
      .refine((written) => Object.keys(written).length <= 20, { message: 'more than 20 entries' })
      .exactOptional()
      .meta({ description: 'shown with the call, and else left alone' }),
    ttlSeconds: TTL_SECONDS.meta({ description: 'how long the call is waited for' }),
  })
  .meta({ id: 'CallWish' });

export const UUID_TO_COME_BY = z
  .uuid()
  .meta({ description: 'whoever comes with it has the place: tell only who makes the call' });
export const SERVER = z.string().exactOptional().meta({ description: 'host:port for AudioSocket' });

const REGISTERED = z
  .object({
    call: z.string().meta({ description: 'to ask about it; lets nobody join' }),
    parties: z.array(
      z.object({
        party: z.string(),
        language: z.string(),
        uuid: UUID_TO_COME_BY,
      }),
    ),
    server: SERVER,
    expiresAt: z.iso.datetime().meta({ description: 'when it is forgotten, if nobody comes' }),
  })
  .meta({ id: 'RegisteredCall' });

type Wish = z.infer<typeof CALL_WISH>;
type Registered = z.infer<typeof REGISTERED>;

const TRACED = z.looseObject({
  traceparent: z
    .string()
    .max(200)
    .optional()
    .meta({ description: 'as in the body; one that is none is no matter' }),
});
const ANSWER = {
  content: { 'application/json': { schema: REGISTERED }, [FORM]: { schema: z.string() } },
};

/**
 * A UUID, since others make it: two of them are never the same by chance. No leg has a place by it: those of the call
 * have UUIDs of their own.
 */
const OWN_ID = z
  .uuid()
  .transform((id) => id.toLowerCase())
  .meta({ description: 'a new UUID for each call; it is shown, so take none by which a leg comes' });

export function addRegisterRoutes(app: ApiApp, deps: ApiDeps): void {
  const { access, clock, control, log, view } = deps;
  /** Calls that have been. */
  const ended = new LRUCache<string, true>({ max: MOST_ENDED });
  // The UUIDs of a call that nobody came to, or that was withdrawn, let nobody in any more.
  const answers = new IdempotentAnswers<Registered>(
    clock,
    ({ call }) => control.isRegistered(call) || ended.has(call),
  );
  const ownIds = new OwnIds<Registered>(clock, (id) => control.isRegistered(id));
  const closing = new AbortController();
  app.addHook('preClose', async () => closing.abort());
  view.watch((callId, { type }) => {
    const id = type === 'ended' ? registeredIdOf(callId) : undefined;
    if (id !== undefined) {
      ended.set(id, true);
      ownIds.ended(id);
    }
  }, closing.signal);
  const register = (request: FastifyRequest, wish: Wish, id?: string): Registered => {
    const { headers, socket } = request;
    const { name: by } = access.callerOf(request);
    const made = registeredCall({ ...tracedBy(headers.traceparent), ...wish }, deps, id);
    log.info({ by, call: made.callId, parties: made.parties.length }, 'a call is registered');
    return shownRegistered(made, serverFor(socket.localAddress, view));
  };
  const answered = (request: FastifyRequest, reply: FastifyReply, status: 200 | 201, answer: Registered) => {
    reply.code(status).header('location', `/api/v1/calls/${answer.call}`);
    if (request.headers['content-type']?.startsWith(FORM) === true) {
      reply.type(FORM);
      return new URLSearchParams(answerOf(answer)).toString();
    }
    return answer;
  };

  // A form is for these routes alone.
  void app.register(async (scope: ApiApp) => {
    scope.addContentTypeParser(FORM, { parseAs: 'string' }, (_request, body, done) =>
      done(null, callInForm(new URLSearchParams(String(body)))),
    );

    scope.post(
      '/calls',
      {
        onRequest: access.needs('control'),
        schema: {
          operationId: 'registerCall',
          summary: 'Register a call before its legs come',
          description: `Also as a form (${FORM}): first=en&second=es, answered with call, first, second and server.`,
          tags: ['calls'],
          body: CALL_WISH,
          headers: TRACED.extend({
            'idempotency-key': z.string().min(1).max(200).optional().meta({
              description:
                'the same key has the same answer for a day; a call that nobody came to, or that was withdrawn, is registered anew',
            }),
          }),
          response: { 201: { description: 'registered', ...ANSWER }, ...REFUSALS },
        },
      },
      (request, reply) => {
        const { body, headers } = request;
        const { name: by } = access.callerOf(request);
        const key = headers['idempotency-key'];
        return answered(
          request,
          reply,
          201,
          answers.once(by, key, body, () => register(request, body)),
        );
      },
    );

    scope.put(
      '/calls/:call',
      {
        onRequest: access.needs('control'),
        schema: {
          operationId: 'registerCallAs',
          summary: 'Register a call under an id of your own',
          description:
            'The same again, by the same token, has the same answer while the call is waited for or runs, so it can be sent ' +
            'until it is answered, without an Idempotency-Key; something else under that id is refused (409), and so is the ' +
            'id of a call that has ended, for a day. A call that nobody came to, or that was withdrawn, is registered anew.',
          tags: ['calls'],
          params: z.strictObject({ call: OWN_ID }),
          body: CALL_WISH,
          headers: TRACED,
          response: {
            200: { description: 'registered before', ...ANSWER },
            201: { description: 'registered', ...ANSWER },
            ...REFUSALS,
          },
        },
      },
      (request, reply) => {
        const { body, params } = request;
        const { name: by } = access.callerOf(request);
        const { answer, isNew } = ownIds.once(params.call, by, body, () =>
          register(request, body, params.call),
        );
        return answered(request, reply, isNew ? 201 : 200, answer);
      },
    );
  });
}

/** A header that is none is left aside, as its source says. */
function tracedBy(header: unknown): Pick<Wish, 'traceparent'> {
  return typeof header === 'string' && parseTraceparent(header) !== undefined ? { traceparent: header } : {};
}

/**
 * Makes places for a call. @param id what it is to be called, of none that there is; undefined: a new name.
 * @throws Refused when none can be had, or nothing here speaks one of its languages.
 */
export function registeredCall(
  wish: Wish,
  {
    control,
    interpreting,
    view,
  }: Pick<ApiDeps, 'control' | 'view'> & { readonly interpreting: InterpretingView },
  id?: string,
): RegisteredCall {
  for (const { language, agent } of wish.parties) {
    refuseUnspoken(language, interpreting);
    agentOf(agent, language, view);
  }
  const made = control.register({ ...wishOf(wish, view), ...(id === undefined ? {} : { id }) });
  if (made === 'draining') {
    throw new Refused(503, 'draining', 'this server is ending: register the call with another');
  }
  if (made === 'apart') {
    throw new Refused(
      503,
      'cluster-apart',
      'the other nodes cannot be told of the call, so its legs would be found by none of them: ask again; GET /health/report ' +
        'says whether NATS is there, and it needs JetStream (nats-server -js)',
    );
  }
  if (made === 'full') {
    throw new Refused(
      503,
      'too-many-registered',
      'too many calls are waited for, or have too many terms: write a shorter ttlSeconds, and the terms of every call ' +
        'into --glossary',
    );
  }
  return made;
}

function wishOf(
  { parties, kind, glossary, ttlSeconds, ...plan }: Wish,
  view: Pick<ServerView, 'agents'>,
): CallWish {
  return {
    kind: kind ?? (parties.length > 2 ? 'conference' : 'pair'),
    parties: parties.map(({ caller, dialled, agent, ...party }) => ({
      ...partyWish(party),
      ...agentOf(agent, party.language, view),
      ...(caller === undefined ? {} : { caller }),
      ...(dialled === undefined ? {} : { dialled }),
    })),
    plan: { ...plan, ...(glossary === undefined ? {} : { glossary: bookOf(glossary) }) },
    terms: termsOf(glossary),
    ttlMs: ttlSeconds * 1_000,
  };
}

/**
 * What is to be fetched for a party, if it is no person. @param view which agents there are.
 * @throws Refused when there is no such service.
 */
export function agentOf(
  written: z.infer<typeof AGENT> | undefined,
  language: Language,
  { agents }: Pick<ServerView, 'agents'>,
): { readonly agent?: Omit<AgentSeat, 'party'> } {
  if (written === undefined) {
    return {};
  }
  const {
    use,
    firstMessage,
    overrideLanguage = false,
    variables = {},
  } = typeof written === 'string' ? { use: written } : written;
  const [, engine = '', agent = ''] = AGENT_NAME.exec(use) ?? [];
  const refusal =
    agents === undefined
      ? 'no agents can be had here: set the key of ElevenLabs, Deepgram or OpenAI'
      : agents.refusal(engine, agent);
  if (refusal !== undefined) {
    throw new Refused(409, 'no-such-agent', refusal);
  }
  const wish = {
    ...{ agent, variables },
    ...(firstMessage === undefined ? {} : { firstMessage }),
    ...(overrideLanguage ? { language } : {}),
  };
  return { agent: { engine, wish } };
}

/** A party as it was written. */
export function partyWish({
  name,
  language,
  voice,
  original,
  hears,
  muted,
  refusesRecording,
}: z.infer<typeof WISHED_PARTY>): Omit<PartyPlan, 'id'> {
  return {
    ...{ name: name ?? language, language, voice, original, hears, muted },
    ...(refusesRecording ? { refusesRecording } : {}),
  };
}

function termsOf(book: Readonly<Record<string, object>> | undefined): number {
  return Object.values(book ?? {}).reduce((sum, terms) => sum + Object.keys(terms).length, 0);
}

function bookOf(written: NonNullable<Wish['glossary']>): GlossaryBook {
  const read = new Map(
    Object.entries(written).map(([pair, terms]) => [pair, new Glossary(new Map(Object.entries(terms)))]),
  );
  return (from, to) => read.get(`${from}:${to}`) ?? EMPTY_GLOSSARY;
}

/** @param server where its legs come in. */
export function shownRegistered(
  { id, parties, expiresAt }: RegisteredCall,
  server: string | undefined,
): Registered {
  return {
    call: id,
    parties: parties.map(({ plan: { id: party, language }, uuid }) => ({ party, language, uuid })),
    ...(server === undefined ? {} : { server }),
    expiresAt: expiresAt.toISOString(),
  };
}

/** Where legs come in by AudioSocket. @param here an address of ours that who asks has reached. */
export function serverFor(here: string | undefined, view: Pick<ServerView, 'doors'>): string | undefined {
  const door = view.doors.find(({ name }) => name.startsWith('audiosocket'));
  const { host, port } = door ?? {};
  return host === undefined || port === undefined
    ? undefined
    : reachable({ host, port }, here === undefined ? undefined : plainAddress(here));
}
