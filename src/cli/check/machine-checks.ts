/** Whether this machine can run dragoman at all: the version of Node, and the addresses it would listen on. */

import { createServer } from 'node:net';
import { codeOf } from '../../base/errors.ts';
import type { ServeConfig } from '../config/serve-config.ts';
import { formatHostPort, type HostPort } from '../config/values.ts';
import { type Check, type CheckItem, fails, ok } from './check-item.ts';
import type { HolderOf } from './running-service.ts';

/** The oldest Node that runs the compiled code. */
const OLDEST_NODE = { major: 20, minor: 19 };

/** @param version that of `process.versions.node`, such as 20.19.1. */
export function checkNode(version: string): Check {
  return async function* () {
    const [major = 0, minor = 0] = version.split('.').map(Number);
    const enough = major > OLDEST_NODE.major || (major === OLDEST_NODE.major && minor >= OLDEST_NODE.minor);
    yield enough
      ? ok('Node', version)
      : fails('Node', `${version} is too old: install ${OLDEST_NODE.major}.${OLDEST_NODE.minor} or newer`);
  };
}

/** Binds each address that `serve` would bind, and lets go of it again. @param holder says who holds what is taken. */
export function checkAddresses({ listen, http, metrics }: ServeConfig, holder: HolderOf): Check {
  return async function* () {
    for (const address of listen) {
      yield await checkAddress('--listen', address, holder);
    }
    yield http === undefined ? ok('--http', 'off') : await checkAddress('--http', http, holder);
    yield metrics === undefined ? ok('--metrics', 'off') : await checkAddress('--metrics', metrics, holder);
  };
}

async function checkAddress(
  flag: Parameters<HolderOf>[0],
  address: HostPort,
  holder: HolderOf,
): Promise<CheckItem> {
  const text = formatHostPort(address);
  const code = await tryToBind(address);
  if (code === undefined) {
    return ok(flag, `${text} is free`);
  }
  const ours = code === 'EADDRINUSE' ? await holder(flag, address) : undefined;
  return ours === undefined
    ? fails(flag, `${text} ${bindFailure(code)}`)
    : ok(flag, `${text} is held by ${ours}`);
}

/** Resolves to the system's code when it cannot be bound. */
function tryToBind({ host, port }: HostPort): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(codeOf(error)));
    server.listen({ host, port }, () => server.close(() => resolve(undefined)));
  });
}

function bindFailure(code: string): string {
  switch (code) {
    case 'EADDRINUSE':
      return 'is taken by another program: stop it or write another port';
    case 'EADDRNOTAVAIL':
      return 'is no address of this machine: write one that `ip address` lists, or 0.0.0.0 for all';
    case 'EACCES':
      return 'is not allowed to this user: write a port from 1024 on';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'cannot be looked up: write the address in numbers';
    default:
      return `cannot be used (${code}): write another address`;
  }
}
