/** Asterisk's console as who manages phones asks it: `asterisk -rx` on the machine where it runs. */

import { messageOf } from '../../base/errors.ts';
import { EndpointRefusal } from '../../server/endpoints/endpoint-refusal.ts';
import {
  byEndpoint,
  type PhoneChannel,
  type PhonesAsterisk,
} from '../../server/endpoints/phones-asterisk.ts';
import type { AskAsterisk } from '../check/asterisk-checks.ts';

export class ConsoleAsterisk implements PhonesAsterisk {
  readonly #ask: AskAsterisk;

  constructor(ask: AskAsterisk) {
    this.#ask = async (question, signal) => {
      try {
        return await ask(question, signal);
      } catch (error) {
        if (signal.aborted) {
          throw error;
        }
        throw new EndpointRefusal(
          'asterisk-failed',
          `nothing is changed: Asterisk does not answer (${messageOf(error).trim()}). Start it, run this as root or as its user, name ` +
            'its command with --asterisk "asterisk -C /etc/asterisk/asterisk.conf", or write the file alone with --no-reload',
          error,
        );
      }
    };
  }

  async reload(signal: AbortSignal): Promise<void> {
    const answer = await this.#ask('module reload res_pjsip.so', signal);
    if (!/reloaded successfully/i.test(answer)) {
      throw new EndpointRefusal(
        'asterisk-failed',
        `nothing is changed: Asterisk does not reload its SIP configuration (${answer.trim().slice(0, 200)}); its log says why`,
      );
    }
  }

  async versionOf(name: string, signal: AbortSignal): Promise<string | undefined> {
    const answer = await this.#ask(`pjsip show endpoint ${name}`, signal);
    const known = new RegExp(`^\\s*Endpoint:\\s+${name}(?:/|\\s)`, 'm').test(answer);
    return known ? (/^\s*@dragoman_version\s*:[ \t]*(\w*)/m.exec(answer)?.[1] ?? '') : undefined;
  }

  async hasTransport(name: string, signal: AbortSignal): Promise<boolean> {
    const answer = await this.#ask('pjsip show transports', signal);
    return new RegExp(`^\\s*Transport:\\s+${name}\\s`, 'm').test(answer);
  }

  async registered(signal: AbortSignal): Promise<ReadonlySet<string>> {
    const answer = await this.#ask('pjsip show contacts', signal);
    return new Set([...answer.matchAll(/^\s*Contact:\s+([^/\s<>]+)\/sips?:/gm)].map(([, name = '']) => name));
  }

  async inCalls(signal: AbortSignal): Promise<ReadonlyMap<string, readonly PhoneChannel[]>> {
    const answer = await this.#ask('core show channels concise', signal);
    const names = answer.split('\n').map((line) => line.split('!')[0] ?? '');
    return byEndpoint(names.map((name) => ({ name, id: name })));
  }

  async hangUp(channel: PhoneChannel, signal: AbortSignal): Promise<void> {
    await this.#ask(`channel request hangup ${channel}`, signal);
  }
}
