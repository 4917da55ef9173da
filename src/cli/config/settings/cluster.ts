/** Several nodes that serve together. */

import { hostname } from 'node:os';
import { parseNatsAddress, parseNatsCredentials } from '../../../cluster/nats/nats-address.ts';
import { PLACEMENTS } from '../../../cluster/placement.ts';
import { choice, one, oneOrNone, setting } from '../setting.ts';
import { isOff, parseHostPort, parseNodeName, parseReadableFile, parseSwitch } from '../values.ts';

const GROUP = 'Several nodes:';

export const CLUSTER = {
  cluster: setting({
    key: 'cluster',
    kind: 'one',
    group: GROUP,
    placeholder: 'nats://host:port,...|off',
    help:
      'the NATS servers by which this dragoman and others serve together: a leg finds its call at any of them, and a call ' +
      'goes on at another when its node is lost; tls:// for TLS. Calls that run do not need it',
    fallback: ['off'],
    words: ['nats://127.0.0.1:4222', 'off'],
    read: one((text) => (isOff(text) ? undefined : parseNatsAddress(text))),
  }),
  nodeName: setting({
    key: 'node-name',
    kind: 'one',
    group: GROUP,
    placeholder: 'name',
    help: 'what this node is called among those of --cluster; each has its own',
    fallback: [hostname()],
    fallbackHelp: 'the name of this machine',
    read: one(parseNodeName),
  }),
  clusterAddress: setting({
    key: 'cluster-address',
    kind: 'one',
    group: GROUP,
    placeholder: 'host:port',
    help: 'where the other nodes reach the first --listen of this one; --allow has to let them in',
    fallback: [],
    fallbackHelp: 'the first --listen',
    read: oneOrNone(parseHostPort),
  }),
  clusterPlacement: setting({
    key: 'cluster-placement',
    kind: 'one',
    group: GROUP,
    placeholder: PLACEMENTS.join('|'),
    help:
      'which node begins a call. first: the one its first leg comes to, for dialplans and balancers that send both legs to ' +
      'one node. hash: the same for both legs wherever they come, found by the id of the call; most legs are passed on then',
    fallback: ['first'],
    read: choice(...PLACEMENTS),
  }),
  clusterContext: setting({
    key: 'cluster-context',
    kind: 'switch',
    group: GROUP,
    placeholder: '',
    help:
      'tell other nodes the last lines of each call, so that its translation goes on in context; they are in their memory and ' +
      'on the way there as they were said: use tls://',
    fallback: ['off'],
    read: one(parseSwitch),
  }),
  clusterCredentials: setting({
    key: 'cluster-credentials-file',
    kind: 'one',
    group: GROUP,
    placeholder: 'file',
    help:
      'file that holds what those NATS servers let us in by: a .creds of nsc, a line user:password, or a token; or ' +
      'DRAGOMAN_CLUSTER_CREDENTIALS is that itself',
    fallback: [],
    fallbackHelp: 'none is sent',
    inFile: true,
    read: oneOrNone(parseNatsCredentials),
  }),
  clusterCaFile: setting({
    key: 'cluster-ca-file',
    kind: 'one',
    group: GROUP,
    placeholder: 'file',
    help: 'file with the certificates (PEM) that sign those of the NATS servers, with tls://',
    fallback: [],
    fallbackHelp: 'those that this machine trusts',
    read: oneOrNone(parseReadableFile('certificates')),
  }),
} as const;
