/** What Asterisk is asked about its phones over ARI, where it is another machine, or its console is not ours. */

import {
  type AriRequest,
  deleteSipObject,
  getSipObject,
  hangUp,
  listChannels,
  listEndpoints,
  putSipObject,
  reloadModule,
  type SipObject,
} from '../../protocol/ari/ari-requests.ts';
import { ariChannels, ariEndpoints, sipObjectFields } from '../../protocol/ari/ari-resources.ts';
import { type AriAsker, statusOf } from '../doors/ari/ari-asker.ts';
import { ariTrouble } from '../doors/ari/ari-trouble.ts';
import { EndpointRefusal } from './endpoint-refusal.ts';
import { byEndpoint, type PhoneChannel, type PhonesAsterisk } from './phones-asterisk.ts';

export class AriPhones implements PhonesAsterisk {
  readonly #asker: AriAsker;
  readonly #user: string;

  /** @param user of ARI, for messages. */
  constructor(asker: AriAsker, user: string) {
    this.#asker = asker;
    this.#user = user;
  }

  async reload(signal: AbortSignal): Promise<void> {
    await this.#ask(reloadModule('res_pjsip.so'), signal);
  }

  async versionOf(name: string, signal: AbortSignal): Promise<string | undefined> {
    const fields = await this.fields('endpoint', name, signal);
    return fields === undefined ? undefined : (fields.get('@dragoman_version') ?? '');
  }

  async hasTransport(name: string, signal: AbortSignal): Promise<boolean> {
    return (await this.fields('transport', name, signal)) !== undefined;
  }

  async registered(signal: AbortSignal): Promise<ReadonlySet<string>> {
    const endpoints = ariEndpoints(await this.#ask(listEndpoints(), signal)) ?? [];
    return new Set(endpoints.flatMap(({ name, online }) => (online ? [name] : [])));
  }

  /** The names of all endpoints, whoever wrote them. */
  async names(signal: AbortSignal): Promise<readonly string[]> {
    return (ariEndpoints(await this.#ask(listEndpoints(), signal)) ?? []).map(({ name }) => name);
  }

  async inCalls(signal: AbortSignal): Promise<ReadonlyMap<string, readonly PhoneChannel[]>> {
    return byEndpoint(ariChannels(await this.#ask(listChannels(), signal)) ?? []);
  }

  async hangUp(channel: PhoneChannel, signal: AbortSignal): Promise<void> {
    await this.#unlessGone(hangUp(channel), signal);
  }

  /** What an object is made of; undefined where there is none. */
  async fields(
    type: SipObject,
    name: string,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, string> | undefined> {
    const answer = await this.#unlessGone(getSipObject(type, name), signal);
    return answer === undefined ? undefined : sipObjectFields(answer);
  }

  async put(
    type: SipObject,
    name: string,
    fields: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      await this.#asker.ask(putSipObject(type, name, fields), signal);
    } catch (error) {
      throw this.#putRefusal(error, signal);
    }
  }

  /** Takes one away; that there is none is as good. */
  async delete(type: SipObject, name: string, signal: AbortSignal): Promise<void> {
    await this.#unlessGone(deleteSipObject(type, name), signal);
  }

  async #unlessGone(request: AriRequest, signal: AbortSignal): Promise<unknown> {
    try {
      return await this.#asker.ask(request, signal);
    } catch (error) {
      if (statusOf(error) === 404) {
        return undefined;
      }
      throw this.#refusal(error, signal);
    }
  }

  async #ask(request: AriRequest, signal: AbortSignal): Promise<unknown> {
    try {
      return await this.#asker.ask(request, signal);
    } catch (error) {
      throw this.#refusal(error, signal);
    }
  }

  #putRefusal(error: unknown, signal: AbortSignal): unknown {
    switch (statusOf(error)) {
      case 400:
        return new EndpointRefusal(
          'bad-endpoint',
          'Asterisk does not take it, most likely a codec that it does not have: "core show codecs" lists them',
          error,
        );
      case 403:
        return new EndpointRefusal(
          'asterisk-failed',
          'nothing is changed: Asterisk keeps no phones that come over ARI. Copy dialplan/sorcery.conf into its sorcery.conf and ' +
            `start it anew; and its user ${this.#user} of ARI must not be read_only in ari.conf`,
          error,
        );
      default:
        return this.#refusal(error, signal);
    }
  }

  #refusal(error: unknown, signal: AbortSignal): unknown {
    if (signal.aborted) {
      return error;
    }
    const sentence =
      statusOf(error) === 404
        ? 'Asterisk does not know what it is asked: load res_ari_asterisk.so and res_ari_endpoints.so (dialplan/ari-modules.conf)'
        : ariTrouble(error, this.#user).sentence;
    return new EndpointRefusal('asterisk-failed', `nothing is changed: ${sentence}`, error);
  }
}
