/**
 * What Asterisk says of its channels and bridges over ARI, as far as it is used. What is no such thing is undefined,
 * never an error: newer versions add members, and nothing here may depend on more than it names.
 */

export interface AriChannel {
  /** Chosen by who made it; else Asterisk's own: `1795875807.0`. */
  readonly id: string;
  /** `PJSIP/alice-00000001`. It is personal. */
  readonly name: string;
  /** `Up` once it is answered; `Ring`, `Down` … before. */
  readonly state: string;
  /** The number of who calls; empty where there is none. It is personal. */
  readonly callerNumber: string;
  /** What was dialled; empty where nothing was. It is personal. */
  readonly extension: string;
  /** The application of the dialplan it is in: `Stasis`; and what that was given: `dragoman,en`. */
  readonly application: string;
  readonly applicationData: string;
  /** The variable DRAGOMAN_LANG, where `channelvars` of ari.conf names it; else empty. */
  readonly language: string;
  /** The variables DRAGOMAN_VOICE and DRAGOMAN_LEG in the same way; whoever it dials has the latter, too. */
  readonly voice: string;
  readonly leg: string;
  /** What Asterisk calls all channels together that were ever connected with it, in the same way; else empty. */
  readonly linkedid: string;
}

export interface AriBridge {
  readonly id: string;
  /** Ids of the channels that are in it. */
  readonly channels: readonly string[];
  /** Whether who is in it hears music and nobody else: it is parked, or waits in a queue. */
  readonly holding: boolean;
}

/** What a site may say of who is at a phone, with `set_var` of its endpoint or `Set()`. */
const LANGUAGE_VARIABLE = 'DRAGOMAN_LANG';
const VOICE_VARIABLE = 'DRAGOMAN_VOICE';
/** The UUID of a leg, where its channel's name does not say it. */
const LEG_VARIABLE = 'DRAGOMAN_LEG';
/** A function of the dialplan: `channelvars` takes those, too. */
const LINKED_FUNCTION = 'CHANNEL(linkedid)';

/** A channel as events and `GET /channels` have it. */
export function ariChannel(value: unknown): AriChannel | undefined {
  const id = textOf(value, 'id');
  if (id === '') {
    return undefined;
  }
  const dialplan = memberOf(value, 'dialplan');
  const variables = memberOf(value, 'channelvars');
  return {
    id,
    name: textOf(value, 'name'),
    state: textOf(value, 'state'),
    callerNumber: textOf(memberOf(value, 'caller'), 'number'),
    extension: textOf(dialplan, 'exten'),
    application: textOf(dialplan, 'app_name'),
    applicationData: textOf(dialplan, 'app_data'),
    language: textOf(variables, LANGUAGE_VARIABLE),
    voice: textOf(variables, VOICE_VARIABLE),
    leg: textOf(variables, LEG_VARIABLE),
    linkedid: textOf(variables, LINKED_FUNCTION),
  };
}

/** The channels of `GET /channels`; undefined when that is no list. */
export function ariChannels(value: unknown): readonly AriChannel[] | undefined {
  return listOf(value, ariChannel);
}

/** The bridges of `GET /bridges`; undefined when that is no list. */
export function ariBridges(value: unknown): readonly AriBridge[] | undefined {
  return listOf(value, (each) => {
    const id = textOf(each, 'id');
    const channels = memberOf(each, 'channels');
    const holding = textOf(each, 'bridge_type') === 'holding';
    return id === ''
      ? undefined
      : { id, channels: Array.isArray(channels) ? channels.map(String) : [], holding };
  });
}

/** The ids of what an application is told of, as `GET /applications/…` has them. */
export function ariApplication(value: unknown): {
  readonly channels: readonly string[];
  readonly bridges: readonly string[];
} {
  const ids = (name: string): readonly string[] => {
    const found = memberOf(value, name);
    return Array.isArray(found) ? found.map(String) : [];
  };
  return { channels: ids('channel_ids'), bridges: ids('bridge_ids') };
}

/** A SIP endpoint, as `GET /endpoints/PJSIP` has it. */
export interface AriEndpoint {
  readonly name: string;
  /** Whether a phone is registered at it. */
  readonly online: boolean;
}

/** Undefined when it is no list. */
export function ariEndpoints(value: unknown): readonly AriEndpoint[] | undefined {
  return listOf(value, (each) => {
    const name = textOf(each, 'resource');
    return name === '' ? undefined : { name, online: textOf(each, 'state') === 'online' };
  });
}

/** What an object of PJSIP is made of, by attribute; of one that is there more than once, the last. */
export function sipObjectFields(value: unknown): ReadonlyMap<string, string> {
  const fields = Array.isArray(value) ? value : [];
  return new Map(fields.map((each) => [textOf(each, 'attribute'), textOf(each, 'value')]));
}

/** The member `name` of anything; undefined when there is none. */
export function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

/** The text `name` of anything; empty when there is none. */
export function textOf(value: unknown, name: string): string {
  const text = memberOf(value, name);
  return typeof text === 'string' ? text : '';
}

function listOf<Each>(
  value: unknown,
  read: (each: unknown) => Each | undefined,
): readonly Each[] | undefined {
  return Array.isArray(value)
    ? value.map(read).filter((each): each is Each & NonNullable<unknown> => each !== undefined)
    : undefined;
}
