/** The nodes that serve together, as the console shows them. Pure. */

import type { ShownNodes } from '../../../http/api/shared-schemas.ts';

export type ShownNode = ShownNodes['nodes'][number];

/** What a node can be asked for; undefined: nothing, since it is not there. */
export function wishFor({ state }: ShownNode): 'drain' | 'enable' | undefined {
  switch (state) {
    case 'joining':
    case 'up':
      return 'drain';
    case 'draining':
      return 'enable';
    case 'left':
    case 'lost':
      return undefined;
  }
}

/** Whether it runs another version than the node that is asked, which a rolling upgrade leaves behind for a while. */
export function isOtherVersion({ version }: ShownNode, nodes: readonly ShownNode[]): boolean {
  const self = nodes.find((node) => node.self);
  return self !== undefined && self.version !== version;
}

/** How they are in one line, which changes only when one of them does: `2 of 3 up; lost: three`. */
export function howNodesAre(nodes: readonly ShownNode[]): string {
  const namesOf = (state: ShownNode['state']): readonly string[] =>
    nodes.filter((node) => node.state === state).map(({ name }) => name);
  const others = (['joining', 'draining', 'lost', 'left'] as const).flatMap((state) => {
    const names = namesOf(state);
    return names.length === 0 ? [] : [`${state}: ${names.join(', ')}`];
  });
  return [`${namesOf('up').length} of ${nodes.length} up`, ...others].join('; ');
}
