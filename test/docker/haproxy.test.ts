/** The balancer of `docker/haproxy`, a real one, between legs and nodes that say only who has reached them. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { createServer as createHttp, type Server as HttpServer } from 'node:http';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { removeFolder } from '../support/folders.ts';
import { freePort, listen } from '../support/ports.ts';
import { endsWithUs, firstOf, goesFirst } from '../support/processes.ts';
import { eventually, pass, within } from '../support/waiting.ts';
import { REPOSITORY } from '../systemd/repository.ts';

const CONFIG = join(REPOSITORY, 'docker/haproxy/haproxy.cfg');
/** Where `scripts/test` unpacks one on a machine that has none; where Debian has it. */
const UNPACKED = join(REPOSITORY, '.cache/haproxy');
const PLACES = [join(UNPACKED, 'usr/sbin/haproxy'), '/usr/sbin/haproxy'];
const ENVIRONMENT = {
  ...process.env,
  LD_LIBRARY_PATH: `${join(UNPACKED, 'usr/lib/x86_64-linux-gnu')}:${process.env.LD_LIBRARY_PATH ?? ''}`,
};
const LIMIT_MS = 20_000;
const NODES = 3;
const UUID_BYTES = 16;
/** Of three nodes that take calls alike each has had one by then. */
const MOST_CALLS = 200;

const program = PLACES.find(
  (path) => existsSync(path) && spawnSync(path, ['-v'], { env: ENVIRONMENT }).status === 0,
);
if (program === undefined && process.env.REQUIRE_HAPROXY === '1') {
  throw new Error('REQUIRE_HAPROXY=1, and there is none: apt-get install haproxy');
}
/** Answers each leg with its port, too, and lets next to nobody wait for it. */
const SMALL_NODE = `
const server = require('node:net').createServer((socket) => {
  socket.on('error', () => {});
  socket.on('data', () => socket.write(String(server.address().port)));
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port));`;
const skip = program === undefined ? 'needs HAProxy (Debian: haproxy)' : false;

describe('the balancer', { skip }, () => {
  const nodes: Node[] = [];
  let folder = '';
  let balancer: ChildProcess | undefined;
  let port = 0;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dragoman-haproxy-'));
    for (let number = 1; number <= NODES; number += 1) {
      nodes.push(await Node.open());
    }
    port = await freePort();
    const config = nodes
      .reduce(
        (text, node, index) =>
          text.replace(`10.0.0.${index + 1}:5050 port 3000`, `127.0.0.1:${node.port} port ${node.httpPort}`),
        readFileSync(CONFIG, 'utf8').replace('127.0.0.1:5040', `127.0.0.1:${port}`),
      )
      // These nodes and legs are one process, which a busy machine lets wait: that is no node that stands still.
      .replace(/timeout connect\s+\d+ms/, 'timeout connect 5s')
      .replace(/timeout check\s+\d+ms/, 'timeout check 3s')
      .replace('127.0.0.1:10000', `127.0.0.1:${await freePort()}`);
    assert.doesNotMatch(config, /10\.0\.0\.[13]:5050/);
    assert.match(config, /timeout connect 5s[\s\S]*timeout check 3s/);
    const path = join(folder, 'haproxy.cfg');
    await writeFile(path, config);
    balancer = spawn(program ?? '', ['-db', '-f', path], { stdio: 'ignore', env: ENVIRONMENT });
    endsWithUs(balancer);
    await eventually('it takes legs', LIMIT_MS, () => reaches(port));
    await eventually('it has looked at each node', LIMIT_MS, () => nodes.every(({ looks }) => looks > 2));
  });

  after(async () => {
    balancer?.kill('SIGKILL');
    for (const node of nodes) {
      node.close();
    }
    await removeFolder(folder);
  });

  it('is a configuration that HAProxy has nothing against', () => {
    const { status, stderr, stdout } = spawnSync(program ?? '', ['-c', '-f', CONFIG], {
      encoding: 'utf8',
      env: ENVIRONMENT,
    });
    assert.equal(status, 0, stderr + stdout);
    assert.doesNotMatch(stderr + stdout, /WARNING/);
  });

  it('cuts nobody when the first packet to a node is lost, and the leg comes there after all', async () => {
    // Of whoever is stopped the kernel takes two connections more, and then none.
    const node = spawn(process.execPath, ['-e', SMALL_NODE], { stdio: ['ignore', 'pipe', 'ignore'] });
    endsWithUs(node);
    const [line] = await once(node.stdout, 'data');
    const at = Number(String(line));
    const alone = await freePort();
    const path = join(folder, 'one-node.cfg');
    await writeFile(
      path,
      readFileSync(CONFIG, 'utf8')
        .replace('127.0.0.1:5040', `127.0.0.1:${alone}`)
        .replace('127.0.0.1:10000', `127.0.0.1:${await freePort()}`)
        .replace('10.0.0.1:5050 port 3000', `127.0.0.1:${at} port ${nodes[0]?.httpPort}`)
        .replace(/timeout check\s+\d+ms/, 'timeout check 3s')
        .replace(/ {4}server node-[23] .*/g, ''),
    );
    const other = spawn(program ?? '', ['-db', '-f', path], { stdio: 'ignore', env: ENVIRONMENT });
    endsWithUs(other);
    await eventually('it takes legs', LIMIT_MS, () => reaches(alone));
    const held = await heldLeg(alone, newCall());
    const stopped = firstOf('node', [node.pid]);
    const waker = spawn('bash', ['-c', `echo; read; read -t 0.25; kill -CONT ${stopped}`], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    endsWithUs(waker);
    await once(waker.stdout, 'data');
    goesFirst(node);
    goesFirst(waker);
    node.kill('SIGSTOP');
    const waiting = [createConnection(at, '127.0.0.1'), createConnection(at, '127.0.0.1')];
    await Promise.all(waiting.map((socket) => once(socket, 'connect')));
    // The kernel tries again after 1 s, and once more only after 3 s: by then the node runs, however late this process does.
    waker.stdin.write('\n');
    const late = legThrough(alone, newCall());
    assert.equal(await Promise.race([late, held.cut.then(() => 'its calls are cut')]), at);
    for (const socket of [held.socket, ...waiting]) {
      socket.destroy();
    }
    other.kill('SIGKILL');
    node.kill('SIGKILL');
  });

  it('sends both legs of each call to one node, and calls to all of them', async () => {
    const places = await Promise.all(Array.from({ length: 30 }, () => callThrough(port)));
    for (const [first, second] of places) {
      assert.equal(first, second);
    }
    assert.equal(new Set(places.map(([first]) => first)).size, NODES);
  });

  it('waits for a UUID that comes in pieces', async () => {
    const uuid = newCall();
    const whole = await legThrough(port, uuid);
    const pieces = await legThrough(port, second(uuid), [1, 9]);
    assert.equal(pieces, whole);
  });

  it('lets nobody through who says something else first', async () => {
    const socket = createConnection(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await within('the connection is cut', LIMIT_MS, new Promise((resolve) => socket.once('close', resolve)));
  });

  it('leaves the legs of a node that takes no new calls alone, sends their partners there and new calls elsewhere', async () => {
    const [draining] = nodes;
    assert.ok(draining !== undefined);
    const held = await heldFirsts(port, draining.port);
    const calls = held.map(({ uuid }) => uuid);
    const firsts = held.map(({ at }) => at);
    const cut = held.map((leg) => leg.cut.then(() => leg.at));
    draining.ready = 404;
    const looked = draining.looks;
    await eventually('it is seen to drain', LIMIT_MS, () => draining.looks > looked + 3);
    const seconds = await Promise.all(calls.map((uuid) => legThrough(port, second(uuid))));
    assert.deepEqual(seconds, firsts);
    const later = await Promise.all(Array.from({ length: 12 }, () => legThrough(port, newCall())));
    assert.ok(!later.includes(draining.port));
    assert.equal(await Promise.race([...cut, pass(0)]), undefined);
    draining.ready = 200;
    const again = draining.looks;
    await eventually('it is seen to be well', LIMIT_MS, () => draining.looks > again + 3);
    for (const { socket } of held) {
      socket.destroy();
    }
  });

  it('cuts the legs of a node that stands still, and sends them to another, both to one', async () => {
    const [, still] = nodes;
    assert.ok(still !== undefined);
    const firsts = await heldFirsts(port, still.port);
    const seconds = await Promise.all(firsts.map(({ uuid }) => heldLeg(port, second(uuid))));
    const legs = [...firsts, ...seconds];
    const hit = legs.filter((leg) => leg.at === still.port);
    still.answers = false;
    await Promise.all(hit.map((leg) => within('its legs are cut', LIMIT_MS, leg.cut)));
    const again = await Promise.all(hit.map(({ uuid }) => legThrough(port, uuid)));
    assert.ok(!again.includes(still.port));
    const ofCall = new Map<string, Set<number>>();
    for (const [index, { uuid }] of hit.entries()) {
      const call = uuid.toString('hex').slice(0, -1);
      ofCall.set(call, (ofCall.get(call) ?? new Set()).add(again[index] ?? 0));
    }
    assert.ok([...ofCall.values()].every((places) => places.size === 1));
    for (const leg of legs) {
      leg.socket.destroy();
    }
  });
});

/** Answers each leg with its own port, once it has said its UUID, and says by HTTP whether it is well. */
class Node {
  ready = 200;
  /** Whether it answers at all. */
  answers = true;
  looks = 0;
  readonly port: number;
  readonly httpPort: number;
  readonly #servers: readonly (Server | HttpServer)[];
  readonly #sockets: Set<Socket>;

  private constructor(
    servers: readonly (Server | HttpServer)[],
    ports: readonly number[],
    sockets: Set<Socket>,
  ) {
    this.#servers = servers;
    this.#sockets = sockets;
    [this.port = 0, this.httpPort = 0] = ports;
  }

  static async open(): Promise<Node> {
    const sockets = new Set<Socket>();
    const legs = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      let heard = 0;
      socket.on('data', (bytes) => {
        heard += bytes.length;
        if (heard >= UUID_BYTES + 3) {
          socket.write(`${node.port}\n`);
        }
      });
    });
    const http = createHttp((_request, response) => {
      node.looks += 1;
      if (node.answers) {
        response.writeHead(node.ready).end();
      }
    });
    const ports = [await listen(legs), await listen(http)];
    const node = new Node([legs, http], ports, sockets);
    return node;
  }

  close(): void {
    for (const server of this.#servers) {
      server.close();
    }
    for (const socket of this.#sockets) {
      socket.destroy();
    }
  }
}

/** Of the first leg of a new call. */
function newCall(): Buffer {
  const uuid = randomBytes(UUID_BYTES);
  uuid.writeUInt8(uuid.readUInt8(UUID_BYTES - 1) & 0xf0, UUID_BYTES - 1);
  return uuid;
}

/** Of the second leg of the call of the first. */
function second(uuid: Buffer): Buffer {
  const other = Buffer.from(uuid);
  other.writeUInt8(other.readUInt8(UUID_BYTES - 1) | 1, UUID_BYTES - 1);
  return other;
}

async function callThrough(port: number): Promise<readonly [number, number]> {
  const uuid = newCall();
  return [await legThrough(port, uuid), await legThrough(port, second(uuid))];
}

/** @param pieces where what it says is cut. @returns the node that it reaches. */
async function legThrough(port: number, uuid: Buffer, pieces: readonly number[] = []): Promise<number> {
  const { at, socket } = await heldLeg(port, uuid, pieces);
  socket.destroy();
  return at;
}

async function heldLeg(port: number, uuid: Buffer, pieces: readonly number[] = []) {
  const socket = createConnection({ port, host: '127.0.0.1', noDelay: true });
  socket.on('error', () => {});
  const cut = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const said = Buffer.concat([Buffer.from([1, 0, UUID_BYTES]), uuid]);
  const answer = new Promise<string>((resolve, reject) => {
    socket.once('data', (bytes) => resolve(bytes.toString()));
    socket.once('close', () => reject(new Error('the leg was cut before it reached a node')));
  });
  let from = 0;
  for (const to of [...pieces, said.length]) {
    socket.write(said.subarray(from, to));
    from = to;
    // A packet each.
    await pass(30);
  }
  return { uuid, socket, cut, at: Number(await within('a node answers', LIMIT_MS, answer)) };
}

/** The first legs of twelve calls or more, one of which is at `node`: where a call goes is chance. */
async function heldFirsts(port: number, node: number) {
  const legs = await Promise.all(Array.from({ length: 12 }, () => heldLeg(port, newCall())));
  while (!legs.some(({ at }) => at === node)) {
    assert.ok(legs.length < MOST_CALLS, `none of ${legs.length} calls came to the node at ${node}`);
    legs.push(await heldLeg(port, newCall()));
  }
  return legs;
}

function reaches(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
