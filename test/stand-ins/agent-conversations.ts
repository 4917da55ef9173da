/** What stand-ins of services with voice agents have in common: conversations over WebSockets, and waiting for what comes. */

import { Changes } from './changes.ts';
import { ProviderSessions, type SessionsOptions } from './provider-sessions.ts';

export class AgentConversations {
  protected readonly changes = new Changes();
  #sessions: ProviderSessions | undefined;

  /** Has `standIn` listen on loopback. @returns it. */
  protected static async listening<StandIn extends AgentConversations>(
    standIn: StandIn,
    { onSession, ...options }: SessionsOptions,
  ): Promise<StandIn> {
    standIn.#sessions = await ProviderSessions.listen({
      ...options,
      onSession: (socket, request) => {
        socket.once('close', () => standIn.changes.tell());
        onSession(socket, request);
      },
    });
    return standIn;
  }

  get sessions(): ProviderSessions {
    if (this.#sessions === undefined) {
      throw new Error('the stand-in has not been started');
    }
    return this.#sessions;
  }

  /** Resolves when `condition` holds, which is looked at when something comes. */
  until(condition: () => boolean, signal: AbortSignal): Promise<void> {
    return this.changes.until(condition, signal);
  }

  /** Tells all conversations this. */
  say(message: object): void {
    this.sessions.send(JSON.stringify(message));
  }

  close(): Promise<void> {
    return this.sessions.close();
  }
}
