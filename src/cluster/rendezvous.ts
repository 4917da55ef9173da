/**
 * Which of several nodes is to have a call, found by each of them without asking: the one whose name and the call's id hash
 * highest (rendezvous hashing). A node that comes or goes changes the answer for its own share of the calls only.
 */

/** @returns the name that is first for the call; undefined where there are none. Their order does not matter. */
export function firstChoice<Node extends { readonly name: string }>(
  callId: string,
  nodes: Iterable<Node>,
): Node | undefined {
  let best: Node | undefined;
  let highest = -1;
  for (const node of nodes) {
    const weight = mixedHash(`${callId}\n${node.name}`);
    if (weight > highest || (weight === highest && best !== undefined && node.name < best.name)) {
      best = node;
      highest = weight;
    }
  }
  return best;
}

/** A hash of 32 bits: FNV-1a, and the last step of MurmurHash3, without which names of one letter more are no other. */
export function mixedHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
