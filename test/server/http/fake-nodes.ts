/** Nodes that serve together, as a test says they are. */

import type { HeldNode, NodesView, NodeView, SharedCallView } from '../../../src/cluster/nodes-view.ts';

export class FakeNodes implements NodesView {
  link: NodesView['link'] = { connected: true, trouble: undefined };
  records = 3;
  readonly current: NodeView[] = [
    nodeView({ name: 'one', self: true }),
    nodeView({ name: 'two', state: 'draining' }),
    nodeView({ name: 'three', state: 'lost', address: undefined, http: undefined }),
  ];
  readonly shared: SharedCallView[] = [
    {
      call: 'c-1',
      node: 'two',
      startedAt: '2026-01-01T00:00:00.000Z',
      languages: ['en', 'es'],
      parties: 2,
      resumed: 1,
    },
  ];
  /** What was asked of which. */
  readonly held: (readonly [name: string, held: boolean, by: string])[] = [];
  answers: HeldNode = 'done';

  nodes(): readonly NodeView[] {
    return this.current;
  }

  async calls(): Promise<readonly SharedCallView[]> {
    return this.shared;
  }

  async hold(name: string, held: boolean, by: string): Promise<HeldNode> {
    this.held.push([name, held, by]);
    return this.answers;
  }
}

function nodeView(of: Partial<NodeView>): NodeView {
  return {
    ...{ name: 'one', self: false, state: 'up', address: '10.0.0.1:5050', http: '10.0.0.1:3000' },
    ...{ stateForMs: 61_000, version: '1.2.3', legs: 4, maxLegs: 200, calls: 2 },
    ...of,
  };
}
