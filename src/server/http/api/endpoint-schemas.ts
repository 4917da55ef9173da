/** Phones as the API has them. A password is taken and never given. */

import { z } from 'zod';
import type { ShownEndpoint } from '../../endpoints/endpoint-book.ts';

const NAME = z
  .string()
  .min(1)
  .max(40)
  .meta({ description: 'what the phone registers as', examples: ['alice'] });
const LANGUAGE = z
  .string()
  .max(40)
  .meta({ description: 'BCP 47', examples: ['en', 'pt-BR'] });
const VOICE = z
  .string()
  .min(1)
  .max(200)
  .meta({ description: 'what speaks for who is at it; @ and the id of a speaker: that of their profile' });
const CONTEXT = z.string().max(80).meta({ description: 'of the dialplan: where what it dials is looked up' });
const CODECS = z
  .array(z.string().max(24))
  .max(12)
  .meta({ description: 'the best first', examples: [['g722', 'alaw']] });
const ENCRYPTED = z.boolean().meta({ description: 'its sound must be SRTP, with keys by TLS' });
const TRANSPORT = z.string().max(80).meta({ description: 'a section of pjsip.conf' });
const PASSWORD = z.string().min(1).max(200).meta({
  description: '12 to 64 ASCII letters, digits and signs; Asterisk is given MD5 of it, user and realm',
});

export const ENDPOINT_NAME = z.object({ name: NAME });

export const SHOWN_ENDPOINT = z
  .object({
    name: NAME,
    language: LANGUAGE,
    voice: VOICE.exactOptional(),
    context: CONTEXT,
    codecs: CODECS,
    encrypted: ENCRYPTED,
    transport: TRANSPORT.exactOptional(),
    registered: z
      .boolean()
      .exactOptional()
      .meta({ description: 'a phone is; left out: Asterisk does not say' }),
    inCall: z.boolean().exactOptional(),
    edited: z
      .boolean()
      .meta({ description: 'somebody has changed it by hand, which is not written over unasked' }),
  })
  .meta({ id: 'Endpoint' });

export type WireEndpoint = z.infer<typeof SHOWN_ENDPOINT>;

export const ENDPOINT_LIST = z.object({ endpoints: z.array(SHOWN_ENDPOINT) }).meta({ id: 'Endpoints' });

export const WISHED_ENDPOINT = z
  .strictObject({
    name: NAME,
    language: LANGUAGE,
    password: PASSWORD,
    voice: VOICE.exactOptional(),
    context: CONTEXT.exactOptional(),
    codecs: CODECS.exactOptional(),
    encrypted: ENCRYPTED.exactOptional(),
    transport: TRANSPORT.exactOptional(),
  })
  .meta({ id: 'EndpointWish' });

export const ENDPOINT_CHANGE = z
  .strictObject({
    language: LANGUAGE.exactOptional(),
    password: PASSWORD.exactOptional(),
    voice: VOICE.nullable().exactOptional().meta({ description: 'null: that of the language' }),
    context: CONTEXT.exactOptional(),
    codecs: CODECS.exactOptional(),
    encrypted: ENCRYPTED.exactOptional(),
    transport: TRANSPORT.nullable().exactOptional().meta({ description: 'null: the one it registered by' }),
    overwrite: z.boolean().default(false).meta({ description: 'what somebody changed by hand may be lost' }),
  })
  .meta({ id: 'EndpointChange', description: 'what is left out stays as it is' });

/** A flag of a query. */
const FLAG = z.enum(['true', 'false']).default('false');

export const REMOVAL = z.strictObject({
  whenIdle: FLAG.meta({
    description: 'true: refuse (409 in-call) while it is in a call; else that is hung up first',
  }),
  overwrite: FLAG.meta({ description: 'true: what somebody changed by hand may be lost' }),
});

export function wireEndpoint({
  voice,
  transport,
  registered,
  inCall,
  codecs,
  ...rest
}: ShownEndpoint): WireEndpoint {
  return {
    ...rest,
    codecs: [...codecs],
    ...(voice === undefined ? {} : { voice }),
    ...(transport === undefined ? {} : { transport }),
    ...(registered === undefined ? {} : { registered }),
    ...(inCall === undefined ? {} : { inCall }),
  };
}
