/**
 * An Asterisk on loopback as ARI shows it, with the rules that a real 22.10.1 has: an external media channel is
 * answered before it is in the application, and its bridge refuses it until then; an endpoint that nobody is
 * registered at is a 500 without an event; events while nobody is connected are lost; a second connection for an
 * application replaces the first; an application hears of channels in the dialplan only if it has asked to, and never
 * of the bridges they come into; a phone that hangs up leaves its bridge and its media channel behind; a snoop
 * channel is answered before it is in the application, and goes with the channel that it snoops on; an application that
 * nobody has connected for may be served by a connection that Asterisk opens for each call, and then has a name of the
 * call's own. Media channels are real AudioSocket connections or WebSockets, or sockets of RTP. Phones are the test's:
 * it has them enter, answer, press keys and hang up.
 */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { RTP_FORMATS } from '../../src/protocol/rtp/payloads.ts';
import { StrictRtpLeg } from '../asterisk/strict-rtp-leg.ts';
import { StrictChanWebSocket } from '../server/doors/websocket/strict-chan-websocket.ts';
import { Changes } from './changes.ts';
import { type CallSocketOptions, StrictCallSocket } from './strict-call-socket.ts';

export interface StrictAriOptions {
  readonly user?: string;
  readonly password?: string;
  /** Whether the user may only read. */
  readonly readOnly?: boolean;
  /** Whether there is ARI at all. */
  readonly enabled?: boolean;
  /** Where it connects to for each call whose application nobody has connected for. */
  readonly callsUs?: CallSocketOptions;
  /** Where the sections of websocket_client.conf lead to. */
  readonly sections?: Readonly<Record<string, string>>;
}

interface Channel {
  readonly id: string;
  state: string;
  exten: string;
  callerNumber: string;
  /** What `Stasis()` was given, the application first; undefined: it is not in one. */
  stasis: readonly string[] | undefined;
  /** The application that is told of it; default dragoman. */
  readonly app?: string;
  readonly variables: Record<string, string>;
  /** What carries a media channel's sound. */
  socket?: { destroy(): void };
  /** What it is in otherwise than in `Stasis()`. */
  readonly dialplan?: DialplanChannel;
  /** The channel that it snoops on. */
  readonly snoopsOn?: string;
  /** Of a media channel by AudioSocket: by what it says that it is. */
  readonly uuid?: string;
  /** What CHANNEL(linkedid) says; default its own id, as of a channel that was never connected with an older one. */
  readonly linkedid?: string;
}

/** How long after a call the connection that was opened for it stays; a real one's 3 s. */
const CALL_SOCKET_STAYS_MS = 300;

/** What is connected for an application. */
type Connection = Pick<WebSocket, 'send' | 'terminate'>;

/** A channel that is in the dialplan, and none of ours. */
export interface DialplanChannel {
  readonly name: string;
  readonly exten?: string;
  /** Such as `AudioSocket`, and what it was given. */
  readonly application?: string;
  readonly data?: string;
  /** What DRAGOMAN_LANG and DRAGOMAN_VOICE are. */
  readonly language?: string;
  readonly voice?: string;
  /** What DRAGOMAN_LEG is. */
  readonly leg?: string;
  /** The name of the channel it is bridged with. */
  readonly peer?: string;
  readonly linkedid?: string;
}

/** A request as it came. */
export interface AriAsked {
  readonly method: string;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

interface Answered {
  readonly status: number;
  readonly body?: unknown;
}

const NO_CONTENT: Answered = { status: 204 };

export class StrictAri {
  readonly asked: AriAsked[] = [];
  readonly channels = new Map<string, Channel>();
  readonly bridges = new Map<string, Set<string>>();
  /** Bridges in which music plays: who is parked is there. */
  readonly holding = new Set<string>();
  /** How loud channels were made by the manager interface, by their names; 0: as ever. */
  readonly volumes = new Map<string, number>();
  /** Whether the manager interface is there, on the same web server. */
  managed = true;
  /** Channels of which the application wants to hear. */
  readonly followed = new Set<string>();
  /** How channels that are gone were ended: by a request's cause, or otherwise. */
  readonly ended = new Map<string, number>();
  /** The RTP of media channels that have it. */
  readonly rtp = new Map<string, StrictRtpLeg>();
  /** Phones that went back to their dialplan, with the reason that they found. */
  readonly continued = new Map<string, string>();
  /** Where the dialplan was told to send them on to. */
  readonly transferred = new Map<string, string>();
  /** Who can be rung. */
  readonly registered = new Set<string>();
  /** Channels that nobody may snoop on. */
  readonly unsnoopable = new Set<string>();
  /** Names of events that nobody is told. */
  readonly lost = new Set<string>();
  /** How often each media channel is refused by its bridge, whatever was told. */
  refusals = 0;
  /** While it is set, media channels are made, and answered, only when it resolves. */
  mediaHeld: Promise<void> | undefined;
  /** While it is set, snoop channels are made, and answered only when it resolves. */
  snoopAnswerHeld: Promise<void> | undefined;
  /** How often a bridge is not made. */
  bridgeFailures = 0;
  /** Whether media channels die as soon as they are there. */
  mediaDies = false;
  options: StrictAriOptions;
  readonly #server: Server;
  readonly #webSockets = new WebSocketServer({ noServer: true });
  readonly #changes = new Changes();
  readonly #apps = new Map<string, Connection>();
  /** By the channel of the phone whose call it is. */
  readonly #callSockets = new Map<string, StrictCallSocket>();
  /** While it is set, nothing is answered. */
  silent = false;
  /** Requests that came, also those that were refused. */
  requests = 0;
  /** Attempts to connect, by their status. */
  readonly handshakes: number[] = [];

  static async open(options: StrictAriOptions = {}): Promise<StrictAri> {
    const standIn = new StrictAri(options);
    standIn.#server.listen(0, '127.0.0.1');
    await once(standIn.#server, 'listening');
    return standIn;
  }

  private constructor(options: StrictAriOptions) {
    this.options = options;
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.on('upgrade', (request, socket: Duplex, head) => this.#upgrade(request, socket, head));
  }

  get url(): string {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
  }

  until(condition: () => boolean, signal: AbortSignal): Promise<void> {
    return this.#changes.until(condition, signal);
  }

  /** A phone's call enters `Stasis(app,…args)`. Whether it was taken; else the dialplan goes on. */
  enter(id: string, entering: Entering): boolean {
    const { exten = '', args = [], state = 'Up', app = 'dragoman', linkedid = id } = entering;
    const channel: Channel = {
      ...{ id, state, exten, callerNumber: '100', stasis: [app, ...args], variables: {}, linkedid },
    };
    if (!this.#apps.has(app)) {
      return false;
    }
    this.channels.set(id, channel);
    this.#tell({ type: 'StasisStart', args, channel: shown(channel) }, app);
    return true;
  }

  /** The same, where Asterisk connects for the call. Whether it could; else the dialplan goes on. */
  async enterByCall(id: string, { exten = '', args = [], state = 'Up' }: Entering): Promise<boolean> {
    const socket = this.#callSocket(id);
    const channel: Channel = {
      ...{ id, state, exten, callerNumber: '100', stasis: ['dragoman', ...args], app: socket.app },
      variables: {},
    };
    if (!(await socket.connect())) {
      this.#forgetCall(id);
      return false;
    }
    this.channels.set(id, channel);
    this.#tell({ type: 'StasisStart', args, channel: shown(channel) }, socket.app);
    return true;
  }

  /**
   * A call whose dragoman is gone, and with it its media channel: Asterisk has reached another, and tells it what it
   * could not tell before.
   */
  async leaveByCall(id: string, bridge: string): Promise<void> {
    const socket = this.#callSocket(id);
    const channel: Channel = {
      ...{ id, state: 'Up', exten: '7777', callerNumber: '100', stasis: ['dragoman'], app: socket.app },
      variables: {},
    };
    this.channels.set(id, channel);
    this.bridges.set(bridge, new Set([id]));
    const media = { ...channel, id: bridge.replace('dg-b-', 'dg-m-') };
    socket.send(
      JSON.stringify({ type: 'StasisStart', args: [], channel: shown(media), application: socket.app }),
    );
    await socket.connect();
  }

  /** The connection that was opened for a phone's call. */
  callSocket(id: string): StrictCallSocket {
    const socket = this.#callSockets.get(id);
    if (socket === undefined) {
      throw new Error(`no connection was opened for ${id}`);
    }
    return socket;
  }

  #callSocket(id: string): StrictCallSocket {
    const { callsUs } = this.options;
    if (callsUs === undefined) {
      throw new Error('this Asterisk connects to nobody');
    }
    const socket = new StrictCallSocket(`dragoman:PJSIP/${id}`, callsUs, {
      request: (method, path, body) => {
        this.asked.push({ method, path, body });
        return this.#do(method, path, body);
      },
      failed: () => {
        this.continued.set(id, 'FAILED');
        this.hangUp(id);
      },
    });
    this.#callSockets.set(id, socket);
    this.#apps.set(socket.app, socket);
    return socket;
  }

  #forgetCall(id: string): void {
    const socket = this.#callSockets.get(id);
    if (socket !== undefined) {
      this.#callSockets.delete(id);
      this.#apps.delete(socket.app);
      socket.close();
    }
  }

  /** What a dragoman before this one has left. */
  leave(id: string, stasis?: readonly string[]): void {
    this.channels.set(id, { id, state: 'Up', exten: '', callerNumber: '', stasis, variables: {} });
  }

  /** A channel in the dialplan. */
  inDialplan(id: string, dialplan: DialplanChannel): void {
    const { exten = '', peer, linkedid = id } = dialplan;
    const variables = peer === undefined ? {} : { BRIDGEPEER: peer };
    this.channels.set(id, {
      id,
      state: 'Up',
      exten,
      callerNumber: '100',
      stasis: undefined,
      variables,
      dialplan,
      linkedid,
    });
  }

  /** Channels that the dialplan has bridged. Their ids are the bridge's and a number: `plain.0`. */
  talking(bridge: string, ...names: readonly string[]): void {
    for (const [place, name] of names.entries()) {
      this.inDialplan(`${bridge}.${place}`, { name: `PJSIP/${name}-00000001`, application: 'Dial' });
    }
    this.bridges.set(bridge, new Set(names.map((_, place) => `${bridge}.${place}`)));
  }

  /** A bridge of the dialplan, with who is in it from now on; whoever was in another one is there no more. */
  bridge(id: string, ...members: readonly string[]): void {
    for (const others of this.bridges.values()) {
      for (const member of members) {
        others.delete(member);
      }
    }
    this.bridges.set(id, new Set(members));
  }

  /** Something happens to a channel: whoever wants to hear of it does. */
  happens(type: string, id: string, more: Readonly<Record<string, unknown>> = {}): void {
    const channel = this.channels.get(id);
    if (channel !== undefined && (channel.stasis !== undefined || this.followed.has(id))) {
      this.#tell({
        type,
        ...(type === 'Dial' ? { caller: shown(channel) } : { channel: shown(channel) }),
        ...more,
      });
    }
  }

  /** A phone hangs up, or its channel has gone elsewhere: nothing but itself is removed. */
  hangUp(id: string): void {
    const channel = this.channels.get(id);
    if (channel !== undefined) {
      this.#remove(channel);
      if (channel.stasis !== undefined) {
        this.#tell({ type: 'StasisEnd', channel: shown(channel) }, channel.app);
      } else if (this.followed.delete(id)) {
        this.#tell({ type: 'ChannelDestroyed', cause: 16, channel: shown(channel) });
      }
      for (const { id: snoop, snoopsOn } of [...this.channels.values()]) {
        if (snoopsOn === id) {
          this.hangUp(snoop);
        }
      }
    }
  }

  /** A key is pressed on a phone. */
  press(id: string, digit: string): void {
    const channel = this.channels.get(id);
    if (channel !== undefined) {
      this.#tell(
        { type: 'ChannelDtmfReceived', digit, duration_ms: 100, channel: shown(channel) },
        channel.app,
      );
    }
  }

  /** Who is called answers. */
  answerCallee(id: string): void {
    const channel = this.channels.get(id);
    if (channel !== undefined) {
      channel.state = 'Up';
      channel.stasis = ['dragoman'];
      this.#tell({ type: 'StasisStart', args: [], channel: shown(channel) }, channel.app);
    }
  }

  /** Who is called does not answer, for this cause. */
  endCallee(id: string, cause: number): void {
    const channel = this.channels.get(id);
    if (channel !== undefined) {
      this.#destroy(channel, cause);
    }
  }

  /** A media channel dies, and with it its connection. */
  breakMedia(id: string): void {
    this.channels.get(id)?.socket?.destroy();
  }

  /** A media channel is parked: it leaves the application and its bridge, and lives. */
  park(id: string): void {
    const channel = this.channels.get(id);
    if (channel !== undefined) {
      for (const members of this.bridges.values()) {
        members.delete(id);
      }
      this.#tell({ type: 'StasisEnd', channel: shown(channel) }, channel.app);
    }
  }

  /** A call is handed on: another channel takes a phone's place in its bridge. */
  handOn(before: string, next: string, name = `PJSIP/${next}`): void {
    const old = this.channels.get(before);
    if (old === undefined) {
      return;
    }
    const channel: Channel = { ...old, id: next, stasis: ['dragoman'], dialplan: { name } };
    this.channels.set(next, channel);
    for (const members of this.bridges.values()) {
      if (members.delete(before)) {
        members.add(next);
      }
    }
    this.#tell({ type: 'StasisStart', args: [], channel: shown(channel), replace_channel: shown(old) });
    this.hangUp(before);
  }

  /** The connection breaks; events are lost until there is another. */
  dropConnections(): void {
    for (const [app, socket] of [...this.#apps]) {
      this.#apps.delete(app);
      socket.terminate();
    }
  }

  /** Another program connects for the same application. */
  replace(app: string): void {
    this.#apps.get(app)?.send(JSON.stringify({ type: 'ApplicationReplaced', application: app }));
    this.#apps.delete(app);
  }

  isConnected(app = 'dragoman'): boolean {
    return this.#apps.has(app);
  }

  /** What of ours, or of phones, is still there. */
  get left(): readonly string[] {
    return [...this.channels.keys(), ...this.bridges.keys()];
  }

  async close(): Promise<void> {
    for (const id of [...this.#callSockets.keys()]) {
      this.#forgetCall(id);
    }
    for (const client of this.#webSockets.clients) {
      client.terminate();
    }
    for (const { socket } of this.channels.values()) {
      socket?.destroy();
    }
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const status = this.#refusal(request);
    this.handshakes.push(status ?? 101);
    this.#changes.tell();
    const app = new URL(request.url ?? '', this.url).searchParams.get('app');
    if (status !== undefined || app === null) {
      socket.end(`HTTP/1.1 ${status ?? 400} Refused\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
      return;
    }
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', () => {});
      webSocket.on('close', () => {
        if (this.#apps.get(app) === webSocket) {
          this.#apps.delete(app);
        }
        this.#changes.tell();
      });
      this.replace(app);
      this.#apps.set(app, webSocket);
      this.#changes.tell();
    });
  }

  /** The status that refuses a request for who sends it; undefined: it may. */
  #refusal({ method, headers }: IncomingMessage): number | undefined {
    const { user = 'dragoman', password = 'hush', readOnly = false, enabled = true } = this.options;
    if (!enabled) {
      return 404;
    }
    if (headers.authorization !== `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`) {
      return 401;
    }
    return readOnly && method !== 'GET' ? 403 : undefined;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests += 1;
    const pieces: Buffer[] = [];
    for await (const piece of request) {
      pieces.push(piece);
    }
    const text = Buffer.concat(pieces).toString();
    if (request.url === '/rawman') {
      this.#manage(new URLSearchParams(text), request, response);
      return;
    }
    const body = text === '' ? {} : JSON.parse(text);
    const { method = '', url = '' } = request;
    const path = url.replace(/^\/ari/, '');
    const refused = this.#refusal(request);
    if (refused === undefined) {
      this.asked.push({ method, path, body });
    }
    if (this.silent) {
      return;
    }
    const { status, body: answer } =
      refused === undefined ? await this.#do(method, path, body) : { status: refused };
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(status === 204 ? undefined : JSON.stringify(answer ?? { message: 'no' }));
    this.#changes.tell();
  }

  /** As the manager interface answers a form: 200 whatever becomes of it, and a cookie for who has logged in. */
  #manage(form: URLSearchParams, { headers }: IncomingMessage, response: ServerResponse): void {
    const { user = 'dragoman', password = 'hush' } = this.options;
    const isIn = headers.cookie === 'mansession_id="67d88f23"';
    const answer = (): string => {
      switch (form.get('action')) {
        case 'Login':
          return form.get('username') === user && form.get('secret') === password
            ? 'Success\r\nMessage: Authentication accepted'
            : 'Error\r\nMessage: Authentication failed';
        case 'Setvar':
          return isIn ? this.#setVolume(form) : 'Error\r\nMessage: Permission denied';
        default:
          return 'Goodbye\r\nMessage: Thanks for all the fish.';
      }
    };
    if (!this.managed) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'set-cookie': 'mansession_id="67d88f23"; Version=1; Max-Age=60' });
    response.end(`Response: ${answer()}\r\n\r\n`);
  }

  #setVolume(form: URLSearchParams): string {
    const name = form.get('channel') ?? '';
    if (![...this.channels.values()].some((channel) => shown(channel).name === name)) {
      return 'Error\r\nMessage: No such channel';
    }
    if (form.get('variable') !== 'VOLUME(RX)') {
      return 'Error\r\nMessage: Variable not set';
    }
    this.volumes.set(name, Number(form.get('value')));
    return 'Success\r\nMessage: Variable Set';
  }

  async #do(method: string, path: string, body: Record<string, unknown>): Promise<Answered> {
    const [where = '', query = ''] = path.split('?');
    const [, kind = '', id = '', verb = ''] = where.split('/').map(decodeURIComponent);
    switch (`${method} ${kind}${id === '' ? '' : '/…'}${verb === '' ? '' : `/${verb}`}`) {
      case 'PUT applications/…/eventFilter':
        return this.#apps.has(id) ? { status: 200, body: {} } : { status: 404 };
      case 'GET applications/…': {
        const its = [...this.channels.values()].filter(({ app }) => app === id).map((channel) => channel.id);
        const bridges = [...this.bridges].filter(([, members]) => its.some((each) => members.has(each)));
        return this.#apps.has(id)
          ? {
              status: 200,
              body: { name: id, channel_ids: its, bridge_ids: bridges.map(([bridge]) => bridge) },
            }
          : { status: 404 };
      }
      case 'POST applications/…/subscription':
        return this.#follow(id, body.eventSource);
      case 'GET channels':
        return { status: 200, body: [...this.channels.values()].map(shown) };
      case 'GET bridges':
        return {
          status: 200,
          body: [...this.bridges].map(([bridge, channels]) => ({
            id: bridge,
            bridge_type: this.holding.has(bridge) ? 'holding' : 'mixing',
            channels: [...channels],
          })),
        };
      case 'POST bridges':
        if (this.bridgeFailures > 0) {
          this.bridgeFailures -= 1;
          return { status: 500 };
        }
        this.bridges.set(String(body.bridgeId), new Set());
        return { status: 200, body: { id: body.bridgeId } };
      case 'DELETE bridges/…':
        return this.bridges.delete(id) ? NO_CONTENT : { status: 404 };
      case 'POST bridges/…/addChannel':
        return this.#add(id, body.channel);
      case 'POST channels/…':
        return id === 'externalMedia' ? this.#externalMedia(body) : { status: 404 };
      case 'POST channels':
        return this.#originate(body);
      case 'POST channels/…/snoop': {
        const answer = this.#snoop(id, body);
        await this.snoopAnswerHeld;
        return answer;
      }
      default:
        return this.#channelVerb(method, id, verb, query, body);
    }
  }

  #follow(app: string, sources: unknown): Answered {
    const ids = Array.isArray(sources)
      ? sources.map((source) => String(source).replace(/^channel:/, ''))
      : [];
    if (!this.#apps.has(app)) {
      return { status: 404 };
    }
    // One of them that is not there refuses all.
    if (ids.some((id) => !this.channels.has(id))) {
      return { status: 422 };
    }
    for (const id of ids) {
      this.followed.add(id);
    }
    return { status: 200, body: {} };
  }

  #channelVerb(
    method: string,
    id: string,
    verb: string,
    query: string,
    body: Record<string, unknown>,
  ): Answered {
    const channel = this.channels.get(id);
    if (channel === undefined) {
      return { status: 404 };
    }
    if (method === 'GET') {
      const value = channel.variables[new URLSearchParams(query).get('variable') ?? ''];
      return value === undefined ? { status: 404 } : { status: 200, body: { value } };
    }
    if (method === 'DELETE') {
      this.#destroy(channel, Number(new URLSearchParams(query).get('reason_code') ?? 16));
      return NO_CONTENT;
    }
    if (channel.stasis === undefined) {
      return { status: 409 };
    }
    if (verb === 'answer') {
      channel.state = 'Up';
    } else if (verb === 'variable') {
      channel.variables[String(body.variable)] = String(body.value);
    } else if (verb === 'continue') {
      this.continued.set(id, channel.variables.DRAGOMAN_REASON ?? '');
      this.transferred.set(id, channel.variables.DRAGOMAN_TRANSFER ?? '');
      this.hangUp(id);
    }
    return NO_CONTENT;
  }

  #add(bridge: string, wanted: unknown): Answered {
    const members = this.bridges.get(bridge);
    if (members === undefined) {
      return { status: 404 };
    }
    const channels = Array.isArray(wanted) ? wanted.map(String) : [String(wanted)];
    for (const id of channels) {
      const channel = this.channels.get(id);
      if (channel === undefined) {
        return { status: 400 };
      }
      if (channel.stasis === undefined || this.refusals > 0) {
        this.refusals -= 1;
        return { status: 422, body: { message: 'Channel not in Stasis application' } };
      }
    }
    for (const id of channels) {
      members.add(id);
    }
    return NO_CONTENT;
  }

  async #externalMedia(body: Record<string, unknown>): Promise<Answered> {
    const { app, channelId, encapsulation, transport, external_host: host, data } = body;
    if (encapsulation === undefined && transport === undefined) {
      return this.#rtpMedia(body);
    }
    if (transport === 'websocket') {
      return this.#webSocketMedia(body);
    }
    if (encapsulation !== 'audiosocket' || transport !== 'tcp') {
      return { status: 400, body: { message: "transport must be 'tcp' for audiosocket encapsulation" } };
    }
    await this.mediaHeld;
    const uuid = Buffer.from(String(data).replaceAll('-', ''), 'hex');
    const [address = '', port = ''] = String(host).split(':');
    const socket = connect(Number(port), address);
    try {
      await once(socket, 'connect');
    } catch {
      return {
        status: 500,
        body: { message: 'An internal error prevented this request from being handled' },
      };
    }
    const channel: Channel = {
      id: String(channelId),
      ...{
        state: 'Up',
        exten: '',
        callerNumber: '',
        stasis: undefined,
        variables: {},
        socket,
        app: String(app),
        uuid: String(data),
      },
    };
    this.channels.set(channel.id, channel);
    socket.write(Buffer.concat([Buffer.of(1, 0, 16), uuid]));
    socket.on('error', () => {});
    socket.on('data', () => {});
    socket.on('close', () => {
      if (this.channels.get(channel.id) === channel) {
        this.#destroy(channel, 16);
      }
    });
    // In its own time, after the answer.
    setTimeout(() => this.#mediaEnters(channel, String(app)), 2);
    return { status: 200, body: shown(channel) };
  }

  /** Answered before it connects. When nobody is there the channel ends, and was never in the application. */
  #webSocketMedia(body: Record<string, unknown>): Answered {
    const { app, channelId, encapsulation, external_host: section, transport_data: data, format } = body;
    const url = this.options.sections?.[String(section)];
    if (encapsulation !== 'none') {
      return { status: 400, body: { message: "encapsulation must be 'none' for websocket transport" } };
    }
    if (url === undefined) {
      const message = 'external_host must be a valid websocket_client connection id.';
      return { status: 400, body: { message } };
    }
    // Before 22.11 another word than this ends the whole of Asterisk.
    if (data !== 'f(json)') {
      throw new Error('Asterisk has crashed');
    }
    const channel: Channel = {
      id: String(channelId),
      ...{ state: 'Down', exten: '', callerNumber: '', stasis: undefined, app: String(app) },
      variables: Object.fromEntries(
        Object.entries(Object(body.variables)).map(([name, value]) => [name, String(value)]),
      ),
    };
    this.channels.set(channel.id, channel);
    void this.#connectMedia(channel, url, String(format));
    return {
      status: 200,
      body: { ...shown(channel), channelvars: { MEDIA_WEBSOCKET_CONNECTION_ID: section } },
    };
  }

  async #connectMedia(channel: Channel, url: string, format: string): Promise<void> {
    const ended = (cause: number): void => {
      if (this.channels.get(channel.id) === channel) {
        this.#destroy(channel, cause);
      }
    };
    try {
      const { variables } = channel;
      const media = await StrictChanWebSocket.connect(url, { format, variables, ended: () => ended(38) });
      channel.socket = { destroy: () => media.end() };
      if (this.channels.get(channel.id) === channel) {
        this.#mediaEnters(channel, channel.app ?? '');
      } else {
        media.end();
      }
    } catch {
      ended(3);
    }
  }

  /** Whoever is at `external_host`, or nobody. */
  async #rtpMedia({
    app,
    channelId,
    external_host: host,
    format,
  }: Record<string, unknown>): Promise<Answered> {
    const known = RTP_FORMATS.find((name) => name === format);
    if (known === undefined) {
      return { status: 500, body: { message: 'Allocation failed' } };
    }
    const [address = '', port = ''] = String(host).split(':');
    const leg = await StrictRtpLeg.open({ host: address, port: Number(port) }, known);
    const channel: Channel = {
      id: String(channelId),
      ...{ state: 'Down', exten: '', callerNumber: '', stasis: undefined, app: String(app) },
      variables: { UNICASTRTP_LOCAL_ADDRESS: leg.remote.host, UNICASTRTP_LOCAL_PORT: String(leg.port) },
    };
    channel.socket = {
      destroy: () => {
        leg.close();
        if (this.channels.get(channel.id) === channel) {
          this.#destroy(channel, 16);
        }
      },
    };
    this.rtp.set(channel.id, leg);
    this.channels.set(channel.id, channel);
    setTimeout(() => this.#mediaEnters(channel, String(app)), 2);
    return { status: 200, body: { ...shown(channel), channelvars: channel.variables } };
  }

  #mediaEnters(channel: Channel, app: string): void {
    if (!this.#apps.has(app) || this.mediaDies) {
      // "Stasis app … not active", in Asterisk's own log only.
      channel.socket?.destroy();
      return;
    }
    channel.stasis = [app];
    this.#tell({ type: 'StasisStart', args: [], channel: shown(channel) }, app);
  }

  /** It hears what the phone says, and only that phone hears it; anything else is none of ours. */
  #snoop(snoopsOn: string, { app, snoopId, spy, whisper }: Record<string, unknown>): Answered {
    if (spy !== 'in' || whisper !== 'out' || !this.#apps.has(String(app))) {
      return { status: 400 };
    }
    if (!this.channels.has(snoopsOn)) {
      return { status: 404 };
    }
    if (this.unsnoopable.has(snoopsOn)) {
      return { status: 500, body: { message: 'Snoop channel could not be created' } };
    }
    const channel: Channel = {
      id: String(snoopId),
      ...{ state: 'Up', exten: '', callerNumber: '', stasis: undefined, variables: {}, snoopsOn },
    };
    this.channels.set(channel.id, channel);
    // In its own time, after the answer.
    setTimeout(() => this.#mediaEnters(channel, String(app)), 2);
    return { status: 200, body: shown(channel) };
  }

  #originate(body: Record<string, unknown>): Answered {
    if (!this.registered.has(String(body.endpoint))) {
      return { status: 500, body: { error: 'Allocation failed' } };
    }
    const id = String(body.channelId);
    const channel: Channel = {
      id,
      ...{ state: 'Down', exten: '', callerNumber: String(body.callerId), stasis: undefined, variables: {} },
      app: String(body.app),
    };
    this.channels.set(id, channel);
    return { status: 200, body: shown(channel) };
  }

  #destroy(channel: Channel, cause: number): void {
    if (this.#remove(channel)) {
      this.ended.set(channel.id, cause);
      this.#tell({ type: 'ChannelDestroyed', cause, channel: shown(channel) }, channel.app);
    }
  }

  #remove(channel: Channel): boolean {
    for (const members of this.bridges.values()) {
      members.delete(channel.id);
    }
    const removed = this.channels.delete(channel.id);
    if (this.#callSockets.has(channel.id)) {
      setTimeout(() => this.#forgetCall(channel.id), CALL_SOCKET_STAYS_MS);
    }
    channel.socket?.destroy();
    return removed;
  }

  #tell(event: { readonly type: string } & Record<string, unknown>, app = 'dragoman'): void {
    if (!this.lost.has(event.type)) {
      this.#apps.get(app)?.send(JSON.stringify({ ...event, application: app }));
    }
    this.#changes.tell();
  }
}

interface Entering {
  readonly exten?: string;
  readonly args?: readonly string[];
  readonly state?: string;
  readonly app?: string;
  /** Empty: ari.conf does not name it. */
  readonly linkedid?: string;
}

function shown({
  id,
  state,
  exten,
  callerNumber,
  stasis,
  dialplan,
  linkedid = id,
}: Channel): Record<string, unknown> {
  return {
    ...{
      id,
      state,
      name: dialplan?.name ?? (id.startsWith('dg-m-') ? `AudioSocket/127.0.0.1:5050-${id}` : `PJSIP/${id}`),
    },
    caller: { name: '', number: callerNumber },
    dialplan: {
      ...{ context: 'phones', exten, priority: 1 },
      app_name: dialplan?.application ?? (stasis === undefined ? '' : 'Stasis'),
      app_data: dialplan?.data ?? stasis?.join(',') ?? '',
    },
    channelvars: {
      DRAGOMAN_LANG: dialplan?.language ?? '',
      DRAGOMAN_VOICE: dialplan?.voice ?? '',
      DRAGOMAN_LEG: dialplan?.leg ?? '',
      ...(linkedid === '' ? {} : { 'CHANNEL(linkedid)': linkedid }),
    },
  };
}
