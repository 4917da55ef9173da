/**
 * What Asterisk is asked for over ARI: method, path and body of each request. Ids go into paths, so what has a meaning
 * there is escaped. Everything else goes into the body, where no proxy and no log of a web server keeps it.
 */

export interface AriRequest {
  /** For messages and counts: `originate`. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the address of ARI: `/channels/1795875807.0/answer`. */
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

export function listChannels(): AriRequest {
  return { name: 'list-channels', method: 'GET', path: '/channels' };
}

export function listBridges(): AriRequest {
  return { name: 'list-bridges', method: 'GET', path: '/bridges' };
}

/** Has Asterisk tell `app` of events of these types only; the others are four of five. */
export function filterEvents(app: string, types: readonly string[]): AriRequest {
  return {
    name: 'filter-events',
    method: 'PUT',
    path: `/applications/${escaped(app)}/eventFilter`,
    body: { allowed: types.map((type) => ({ type })) },
  };
}

/** Answered with the channels and bridges that an application is told of. */
export function getApplication(app: string): AriRequest {
  return { name: 'get-application', method: 'GET', path: `/applications/${escaped(app)}` };
}

/** Has Asterisk tell `app` of these channels, too, which are none of its own, until they are gone. */
export function followChannels(app: string, channelIds: readonly string[]): AriRequest {
  return {
    name: 'follow-channels',
    method: 'POST',
    path: `/applications/${escaped(app)}/subscription`,
    body: { eventSource: channelIds.map((id) => `channel:${id}`) },
  };
}

/** A bridge whose channels hear each other. */
export function createBridge(bridgeId: string): AriRequest {
  return { name: 'create-bridge', method: 'POST', path: '/bridges', body: { type: 'mixing', bridgeId } };
}

export function destroyBridge(bridgeId: string): AriRequest {
  return { name: 'destroy-bridge', method: 'DELETE', path: `/bridges/${escaped(bridgeId)}` };
}

/** Refused with 422 for a channel that has not had its StasisStart. */
export function addToBridge(bridgeId: string, channels: readonly string[]): AriRequest {
  return {
    name: 'add-to-bridge',
    method: 'POST',
    path: `/bridges/${escaped(bridgeId)}/addChannel`,
    // In a body, a text with commas would be one channel.
    body: { channel: channels },
  };
}

export interface AudioSocketMedia {
  readonly app: string;
  readonly channelId: string;
  /** Where Asterisk connects to, as host:port. */
  readonly address: string;
  readonly uuid: string;
  readonly format: string;
}

/**
 * A channel whose sound goes to an AudioSocket server; Asterisk connects before it answers. Refused with 500 when
 * nobody listens there. It is answered before the channel is in the application.
 */
export function audioSocketMedia({ app, channelId, address, uuid, format }: AudioSocketMedia): AriRequest {
  return {
    name: 'external-media',
    method: 'POST',
    path: '/channels/externalMedia',
    body: {
      ...{ app, channelId, format },
      encapsulation: 'audiosocket',
      transport: 'tcp',
      external_host: address,
      data: uuid,
    },
  };
}

export interface RtpMedia {
  readonly app: string;
  readonly channelId: string;
  /** Where Asterisk sends to, as host:port. */
  readonly address: string;
  readonly format: string;
}

/**
 * A channel whose sound goes to an address over RTP, whether or not anybody is there. The answer's variables say where
 * it comes from.
 */
export function rtpMedia({ app, channelId, address, format }: RtpMedia): AriRequest {
  return {
    name: 'external-media',
    method: 'POST',
    path: '/channels/externalMedia',
    body: { app, channelId, format, external_host: address },
  };
}

export interface WebSocketMedia {
  readonly app: string;
  readonly channelId: string;
  /** The section of websocket_client.conf that says where Asterisk connects to. */
  readonly section: string;
  readonly format: string;
  /** Of the channel; Asterisk tells them when it has connected. */
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * A channel whose sound goes to a WebSocket server. It is answered before Asterisk connects; when nobody is there the
 * channel ends within 1.5 s, and was never in the application.
 */
export function webSocketMedia({ app, channelId, section, format, variables }: WebSocketMedia): AriRequest {
  return {
    name: 'external-media',
    method: 'POST',
    path: '/channels/externalMedia',
    body: {
      ...{ app, channelId, format, variables },
      encapsulation: 'none',
      transport: 'websocket',
      external_host: section,
      // A mistyped word here ends an Asterisk before 22.11, so it is a constant.
      transport_data: 'f(json)',
    },
  };
}

export interface Origination {
  readonly app: string;
  readonly channelId: string;
  /** `PJSIP/bob`. */
  readonly endpoint: string;
  /** What the application is given with the channel, once it is answered. */
  readonly args: readonly string[];
  /** The channel on whose behalf. */
  readonly originator: string;
  /** Shown to who is called; empty: nothing is. */
  readonly callerNumber: string;
  /** How long it rings, in s. */
  readonly timeoutS: number;
}

/** Rings an endpoint. Refused with 500 for one that nobody is registered at, and no event follows. */
export function originate(call: Origination): AriRequest {
  const { app, channelId, endpoint, args, originator, callerNumber, timeoutS } = call;
  return {
    name: 'originate',
    method: 'POST',
    path: '/channels',
    body: {
      ...{ app, channelId, endpoint, originator },
      appArgs: args.join(','),
      timeout: timeoutS,
      ...(callerNumber === '' ? {} : { callerId: callerNumber }),
    },
  };
}

export interface Snoop {
  readonly app: string;
  /** Whose. */
  readonly channelId: string;
  /** The id that the snoop channel is to have. */
  readonly snoopId: string;
}

/**
 * A channel that hears what the phone of another one says, and is heard by that phone alone, whatever call it is in. It
 * is answered before it is in the application, and is gone with the other one. Refused with 404 where that is gone.
 */
export function snoop({ app, channelId, snoopId }: Snoop): AriRequest {
  return {
    name: 'snoop',
    method: 'POST',
    path: `/channels/${escaped(channelId)}/snoop`,
    body: { app, snoopId, spy: 'in', whisper: 'out' },
  };
}

/** Lets who calls hear that it rings. */
export function ring(channelId: string): AriRequest {
  return { name: 'ring', method: 'POST', path: `/channels/${escaped(channelId)}/ring` };
}

export function answer(channelId: string): AriRequest {
  return { name: 'answer', method: 'POST', path: `/channels/${escaped(channelId)}/answer` };
}

/** Ends a channel. @param cause why, by Q.850; default 16, an ordinary end. */
export function hangUp(channelId: string, cause = 16): AriRequest {
  return {
    name: 'hang-up',
    method: 'DELETE',
    path: `/channels/${escaped(channelId)}?reason_code=${cause}`,
  };
}

/** Gives a channel back to its dialplan, which goes on after `Stasis()`. */
export function continueInDialplan(channelId: string): AriRequest {
  return { name: 'continue', method: 'POST', path: `/channels/${escaped(channelId)}/continue` };
}

export function setVariable(channelId: string, variable: string, value: string): AriRequest {
  return {
    name: 'set-variable',
    method: 'POST',
    path: `/channels/${escaped(channelId)}/variable`,
    body: { variable, value },
  };
}

/** Answered with 404 where the channel has no such variable. */
export function getVariable(channelId: string, variable: string): AriRequest {
  return {
    name: 'get-variable',
    method: 'GET',
    path: `/channels/${escaped(channelId)}/variable?variable=${escaped(variable)}`,
  };
}

/** The SIP endpoints that there are, and whether a phone is registered at each. It wants res_ari_endpoints.so. */
export function listEndpoints(): AriRequest {
  return { name: 'list-endpoints', method: 'GET', path: '/endpoints/PJSIP' };
}

/** Has a module read its configuration anew. */
export function reloadModule(module: string): AriRequest {
  return { name: 'reload-module', method: 'PUT', path: `/asterisk/modules/${escaped(module)}` };
}

/** What PJSIP is made of: an endpoint is who may call, an auth its password, an aor where it is reached. */
export type SipObject = 'endpoint' | 'auth' | 'aor' | 'transport';

/** Answered with 404 where there is none of this name. */
export function getSipObject(type: SipObject, id: string): AriRequest {
  return { name: 'get-sip-object', method: 'GET', path: sipObjectPath(type, id) };
}

/**
 * Makes one, or changes what is named of it; kept where sorcery.conf says. Refused with 500 for one that a file has, and
 * with 400 for a value that Asterisk does not take.
 */
export function putSipObject(
  type: SipObject,
  id: string,
  fields: Readonly<Record<string, string>>,
): AriRequest {
  return {
    name: 'put-sip-object',
    method: 'PUT',
    path: sipObjectPath(type, id),
    body: { fields: Object.entries(fields).map(([attribute, value]) => ({ attribute, value })) },
  };
}

/** Refused with 403 for one that a file has, and with 404 where there is none. */
export function deleteSipObject(type: SipObject, id: string): AriRequest {
  return { name: 'delete-sip-object', method: 'DELETE', path: sipObjectPath(type, id) };
}

function sipObjectPath(type: SipObject, id: string): string {
  return `/asterisk/config/dynamic/res_pjsip/${type}/${escaped(id)}`;
}

function escaped(id: string): string {
  return encodeURIComponent(id);
}
