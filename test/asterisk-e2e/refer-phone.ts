/**
 * A SIP phone of a few requests, for what baresip cannot: it holds two calls at once and hands one of them on to who is in
 * the other (REFER with Replaces, RFC 3891 and 5589). It says nothing, and hears nothing.
 */

import { createHash, randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { eventually } from '../support/waiting.ts';

const LIMIT_MS = 90_000;
/** That of dialplan/pjsip.conf. */
const PASSWORD = 'dragoman';
/** Nothing listens there: this phone sends no sound, and Asterisk's is thrown away. */
const RTP_PORT = 9;

interface Message {
  /** Of an answer; undefined for a request. */
  readonly status: number | undefined;
  readonly method: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
}

/** A call of this phone. */
interface Dialog {
  readonly callId: string;
  readonly ownTag: string;
  peerTag: string;
  /** Where the other end wants to be asked. */
  target: string;
  sequence: number;
  over: boolean;
}

export class ReferPhone {
  readonly #socket: Socket;
  readonly #user: string;
  /** host:port of Asterisk. */
  readonly #sip: string;
  readonly #received: Message[] = [];
  readonly #dialogs: Dialog[] = [];

  private constructor(socket: Socket, user: string, sip: string) {
    this.#socket = socket;
    this.#user = user;
    this.#sip = sip;
    socket.on('message', (bytes) => this.#take(parse(bytes.toString())));
  }

  /** @param sip host:port of Asterisk. */
  static async open(user: string, sip: string): Promise<ReferPhone> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new ReferPhone(socket, user, sip);
  }

  /** Calls a number; resolves when it has answered. */
  async dial(number: string): Promise<Dialog> {
    const dialog: Dialog = {
      ...{ callId: token(), ownTag: token(), peerTag: '', sequence: 1, over: false },
      target: `sip:${number}@${this.#sip}`,
    };
    this.#dialogs.push(dialog);
    const refused = await this.#ask(dialog, 'INVITE', this.#offer());
    this.#acknowledge(dialog, refused);
    dialog.sequence += 1;
    const answer = await this.#ask(dialog, 'INVITE', this.#offer(), [
      authorization(refused, dialog, this.#user),
    ]);
    if (answer.status !== 200) {
      throw new Error(`${number} answers ${answer.status}`);
    }
    dialog.peerTag = tagOf(answer.headers.get('to'));
    dialog.target = /<([^>]+)>/.exec(answer.headers.get('contact') ?? '')?.[1] ?? dialog.target;
    this.#acknowledge(dialog, answer);
    return dialog;
  }

  /** Hands on who is in one call to who is in the other; resolves with the status of the answer. */
  async handOn(one: Dialog, other: Dialog): Promise<number | undefined> {
    const replaces = `${other.callId};to-tag=${other.peerTag};from-tag=${other.ownTag}`;
    const [address = ''] = other.target.split(';');
    one.sequence += 1;
    const answer = await this.#ask(one, 'REFER', '', [
      `Refer-To: <${address}?Replaces=${encodeURIComponent(replaces)}>`,
      `Referred-By: <sip:${this.#user}@${this.#sip}>`,
    ]);
    return answer.status;
  }

  /** Resolves when Asterisk has hung up a call, or says of it that it was handed on; then this end hangs up, too. */
  async untilHandedOn(dialog: Dialog): Promise<void> {
    await eventually('the call is handed on', LIMIT_MS, () => {
      const told = this.#received.some(
        ({ method, headers, text }) =>
          method === 'NOTIFY' && headers.get('call-id') === dialog.callId && /^SIP\/2\.0 200/m.test(text),
      );
      return dialog.over || told;
    });
    await this.#hangUp(dialog);
  }

  /** Hangs up all. Idempotent. */
  async close(): Promise<void> {
    for (const dialog of this.#dialogs) {
      await this.#hangUp(dialog);
    }
    this.#socket.close();
  }

  async #hangUp(dialog: Dialog): Promise<void> {
    if (!dialog.over && dialog.peerTag !== '') {
      dialog.over = true;
      dialog.sequence += 1;
      await this.#ask(dialog, 'BYE', '');
    }
  }

  /** Sends a request; resolves with its last answer. */
  async #ask(
    dialog: Dialog,
    method: string,
    body: string,
    headers: readonly string[] = [],
  ): Promise<Message> {
    const branch = this.#send(dialog, method, body, headers);
    return await eventually(`${method} is answered`, LIMIT_MS, () =>
      this.#received.find(
        ({ status = 0, headers: of }) => status >= 200 && of.get('via')?.includes(branch) === true,
      ),
    );
  }

  /** @returns what answers to it can be told by. */
  #send(dialog: Dialog, method: string, body: string, headers: readonly string[] = []): string {
    const { callId, ownTag, peerTag, target, sequence } = dialog;
    const branch = `z9hG4bK${token()}`;
    const own = `sip:${this.#user}@127.0.0.1:${this.#socket.address().port}`;
    const lines = [
      `${method} ${target} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${this.#socket.address().port};branch=${branch}`,
      'Max-Forwards: 70',
      `From: <sip:${this.#user}@${this.#sip}>;tag=${ownTag}`,
      `To: <${target}>${peerTag === '' ? '' : `;tag=${peerTag}`}`,
      `Call-ID: ${callId}`,
      `CSeq: ${sequence} ${method}`,
      `Contact: <${own}>`,
      'Supported: replaces',
      ...headers,
      ...(body === '' ? [] : ['Content-Type: application/sdp']),
      `Content-Length: ${body.length}`,
    ];
    this.#write(`${lines.join('\r\n')}\r\n\r\n${body}`);
    return branch;
  }

  #acknowledge(dialog: Dialog, answer: Message): void {
    // What refuses is acknowledged with the tag that it has.
    const peerTag = tagOf(answer.headers.get('to'));
    this.#send({ ...dialog, peerTag }, 'ACK', '');
  }

  #take(message: Message): void {
    this.#received.push(message);
    const { status, method, headers } = message;
    if (status !== undefined || method === 'ACK') {
      return;
    }
    const dialog = this.#dialogs.find(({ callId }) => callId === headers.get('call-id'));
    if (dialog !== undefined && method === 'BYE') {
      dialog.over = true;
    }
    const body = method === 'INVITE' ? this.#offer() : '';
    const copied = ['via', 'from', 'to', 'call-id', 'cseq'].map((name) => `${name}: ${headers.get(name)}`);
    const lines = [
      'SIP/2.0 200 OK',
      ...copied,
      `Contact: <sip:${this.#user}@127.0.0.1:${this.#socket.address().port}>`,
      ...(body === '' ? [] : ['Content-Type: application/sdp']),
      `Content-Length: ${body.length}`,
    ];
    this.#write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  }

  #write(text: string): void {
    const [host = '', port = ''] = this.#sip.split(':');
    this.#socket.send(text, Number(port), host);
  }

  #offer(): string {
    return [
      ...['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0'],
      ...[`m=audio ${RTP_PORT} RTP/AVP 0`, 'a=rtpmap:0 PCMU/8000', 'a=sendrecv', ''],
    ].join('\r\n');
  }
}

function parse(text: string): Message {
  const [head = ''] = text.split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const headers = new Map(
    lines.map((line) => {
      const at = line.indexOf(':');
      return [line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()];
    }),
  );
  const status = /^SIP\/2\.0 (\d+)/.exec(first)?.[1];
  const method =
    status === undefined ? (first.split(' ')[0] ?? '') : (headers.get('cseq')?.split(' ')[1] ?? '');
  return { status: status === undefined ? undefined : Number(status), method, headers, text };
}

/** The header that answers a challenge (RFC 2617, MD5 without and with qop). */
function authorization({ headers }: Message, { target }: Dialog, user: string): string {
  const challenge = headers.get('www-authenticate') ?? '';
  const field = (name: string): string => new RegExp(`${name}="?([^",]+)"?`).exec(challenge)?.[1] ?? '';
  const [realm, nonce, opaque] = ['realm', 'nonce', 'opaque'].map(field);
  const [hashed, asked] = [md5(`${user}:${realm}:${PASSWORD}`), md5(`INVITE:${target}`)];
  const withQop = field('qop') !== '';
  const client = token();
  const response = md5(
    withQop ? `${hashed}:${nonce}:00000001:${client}:auth:${asked}` : `${hashed}:${nonce}:${asked}`,
  );
  return (
    `Authorization: Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${target}", response="${response}", ` +
    `algorithm=MD5${opaque === '' ? '' : `, opaque="${opaque}"`}${withQop ? `, qop=auth, nc=00000001, cnonce="${client}"` : ''}`
  );
}

function tagOf(header: string | undefined): string {
  return /;tag=([^;>\s]+)/.exec(header ?? '')?.[1] ?? '';
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

function token(): string {
  return randomBytes(8).toString('hex');
}
