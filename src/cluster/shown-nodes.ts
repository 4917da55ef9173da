/** How the nodes and their calls are shown. */

import type { CallEntry } from './cluster-messages.ts';
import type { OwnState } from './gossip.ts';
import type { Member } from './membership.ts';
import type { NodeView, SharedCallView, ShownNodeState } from './nodes-view.ts';
import { readRecord } from './read-record.ts';

export function shownSelf(own: OwnState, stateForMs: number, calls: number): NodeView {
  return { ...shown(own, own.state), self: true, stateForMs, calls };
}

/** Undefined of a node that others have mentioned and we have never heard. */
export function shownMember({ said, up, stateSinceMs }: Member, nowMs: number): NodeView | undefined {
  if (said === undefined) {
    return undefined;
  }
  const state = up || said.state === 'left' ? said.state : 'lost';
  return {
    ...shown(said, state),
    self: false,
    stateForMs: Math.round(nowMs - stateSinceMs),
    calls: said.calls,
  };
}

/** Calls as they are shown. To read a record costs 0.1 ms, so what was shown of it is kept for as long as it is. */
export class ShownCalls {
  readonly #known = new WeakMap<CallEntry, { readonly call: SharedCallView | undefined }>();

  /** Undefined of a call that has not begun, and of one whose record cannot be read. */
  of(entry: CallEntry): SharedCallView | undefined {
    const known = this.#known.get(entry) ?? { call: shownCall(entry) };
    this.#known.set(entry, known);
    return known.call;
  }
}

function shownCall({ node, record }: CallEntry): SharedCallView | undefined {
  const read = record === undefined ? undefined : readRecord(record);
  if (read === undefined) {
    return undefined;
  }
  const { shownId, startedAt, plan, parties, resumed } = read;
  return { call: shownId, node, startedAt, languages: plan.languages, parties: parties.length, resumed };
}

function shown({ name, host, port, http, version, legs, maxLegs }: OwnState, state: ShownNodeState) {
  return {
    ...{ name, state, version, legs, maxLegs },
    address: port === 0 ? undefined : `${host.includes(':') ? `[${host}]` : host}:${port}`,
    http: http === '' ? undefined : http,
  };
}
