/** The nodes that serve together: how each does, what it carries, and whether it takes new calls. */

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { howNodesAre, isOtherVersion, type ShownNode, wishFor } from '../state/node-list.ts';
import { shownDuration } from '../state/shown-numbers.ts';
import { useConsole } from './console-context.tsx';
import { Controls, LookOnlyNote } from './controls.tsx';
import { SureButton } from './sure-button.tsx';

export function NodesPage() {
  const { link, model } = useConsole();
  useEffect(() => link.followNodes(), [link]);
  const told = model.nodes.value;
  const unheard = model.nodesUnheard.value;
  return (
    <>
      <div class="toolbar">
        <h2>Nodes</h2>
        {told?.cluster === true && <p role="status">{howNodesAre(told.nodes)}</p>}
      </div>
      {unheard !== undefined && (
        <p class="alarm" role="alert">
          {unheard}: what is shown is from before; it is asked again
        </p>
      )}
      {told === undefined ? (
        <p class="card empty">Asking which nodes there are …</p>
      ) : told.cluster ? (
        <>
          {!told.connected && (
            <p class="alarm" role="alert">
              NATS is away: other nodes are shown as they were when it went. Calls that run do not need it.
            </p>
          )}
          <LookOnlyNote />
          <NodeTable nodes={told.nodes} />
        </>
      ) : (
        <p class="card empty">This service serves alone: with --cluster several serve together.</p>
      )}
    </>
  );
}

function NodeTable({ nodes }: { readonly nodes: readonly ShownNode[] }) {
  return (
    <table class="list card">
      <caption class="unseen">Nodes that serve together, this one first</caption>
      <thead>
        <tr>
          <th scope="col" class="call-column">
            Node
          </th>
          <th scope="col">State</th>
          <th scope="col" class="legs-column number">
            Legs
          </th>
          <th scope="col" class="delay-column number extra">
            Calls
          </th>
        </tr>
      </thead>
      <tbody>
        {nodes.map((node, index) => (
          // A node that was started again stands beside its former life, under the same name.
          <NodeRow
            key={`${node.name} ${nodes.slice(0, index).filter(({ name }) => name === node.name).length}`}
            node={node}
            otherVersion={isOtherVersion(node, nodes)}
          />
        ))}
      </tbody>
    </table>
  );
}

function NodeRow({ node, otherVersion }: { readonly node: ShownNode; readonly otherVersion: boolean }) {
  const { name, self, version, stateForMs, legs, maxLegs, calls } = node;
  return (
    <tr>
      <th scope="row">
        {name} {self && <span class="badge">this one</span>}
        <div class="soft">
          {version} {otherVersion && <span class="badge warn">other version</span>}
        </div>
      </th>
      <td>
        <div class="node-state">
          <div>
            <NodeState node={node} />
            {stateForMs !== undefined && <div class="soft">for {shownDuration(stateForMs)}</div>}
          </div>
          <NodeButton node={node} />
        </div>
      </td>
      <td class="number">
        {legs} <span class="soft">of {maxLegs}</span>
      </td>
      <td class="number extra">{calls}</td>
    </tr>
  );
}

function NodeState({ node: { state } }: { readonly node: ShownNode }) {
  switch (state) {
    case 'up':
      return <span>up</span>;
    case 'lost':
      return <span class="badge alarm">lost</span>;
    case 'left':
      return <span class="soft">left</span>;
    case 'joining':
    case 'draining':
      return <span class="badge warn">{state}</span>;
  }
}

/** What a node can be asked for, and what the server has against it. What it says it is decides which of both it is. */
function NodeButton({ node }: { readonly node: ShownNode }) {
  const { api, link } = useConsole();
  const refused = useSignal('');
  const wish = wishFor(node);
  const ask = async (word: 'drain' | 'enable'): Promise<void> => {
    try {
      await api.send('POST', `api/v1/nodes/${encodeURIComponent(node.name)}/${word}`);
      refused.value = '';
    } catch (error) {
      refused.value = error instanceof Error ? error.message : String(error);
    }
    link.askNodes();
  };
  return (
    <div class="node-wish">
      <Controls>
        {wish === 'drain' && (
          <SureButton
            words="Drain"
            sureWords={`Drain ${node.name}`}
            of={node.name}
            act={() => ask('drain')}
          />
        )}
        {wish === 'enable' && (
          <button type="button" aria-label={`Enable: ${node.name}`} onClick={() => ask('enable')}>
            Enable
          </button>
        )}
      </Controls>
      <p class="alarm" role="alert">
        {refused}
      </p>
    </div>
  );
}
