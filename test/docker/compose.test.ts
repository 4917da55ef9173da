/**
 * docker/ as far as it can be looked at without an engine that runs containers: what is written there is closed, whole, and what
 * dragoman takes. `docker/try` runs it.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import { loadConfig } from '../../src/cli/config/load-config.ts';
import { PROVIDER_VARIABLE_LIST } from '../../src/cli/config/provider-variables.ts';
import { environmentNameOf } from '../../src/cli/config/setting.ts';
import { SETTING_LIST } from '../../src/cli/config/settings.ts';
import { promtool, withoutPrometheus } from '../support/prometheus.ts';
import { REPOSITORY } from '../systemd/repository.ts';
import { PROMETHEUS_FILE } from './places.ts';

const DOCKER = join(REPOSITORY, 'docker');
const COMPOSE_FILE = join(DOCKER, 'compose.yaml');
const LIMIT_MS = 60_000;
/** As the image has it. */
const CONFIGURED = { DRAGOMAN_CONFIG: join(DOCKER, 'dragoman.yaml') };

const SERVICE = z.strictObject({
  profiles: z.array(z.string()).default([]),
  image: z.string(),
  build: z
    .object({
      context: z.literal('..'),
      dockerfile: z.string(),
      args: z.record(z.string(), z.string()).optional(),
    })
    .optional(),
  pull_policy: z.literal('never').optional(),
  command: z.array(z.string()).optional(),
  user: z.string().optional(),
  group_add: z.array(z.string()).optional(),
  restart: z.literal('unless-stopped'),
  read_only: z.literal(true).optional(),
  cap_drop: z.tuple([z.literal('ALL')]),
  security_opt: z.tuple([z.literal('no-new-privileges:true')]),
  logging: z
    .object({ driver: z.literal('json-file') })
    .loose()
    .optional(),
  stop_grace_period: z.string().optional(),
  cpu_shares: z.number().optional(),
  pids_limit: z.number().optional(),
  shm_size: z.string().optional(),
  tmpfs: z.array(z.string()).optional(),
  volumes: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  networks: z.array(z.string()).optional(),
  network_mode: z.literal('host').optional(),
  healthcheck: z.looseObject({}).optional(),
});

const TEXT = readFileSync(COMPOSE_FILE, 'utf8');
const COMPOSE = z
  .object({
    services: z.record(z.string(), SERVICE),
    networks: z.record(z.string(), z.looseObject({})),
    volumes: z.record(z.string(), z.looseObject({})),
  })
  .parse(parse(TEXT, { merge: true }));
const SERVICES = Object.entries(COMPOSE.services);

/** Images that have no tag that stands still, and say so where they are named. */
const MOVING = new Set([
  'docker.io/library/debian:sid-slim',
  'ghcr.io/coqui-ai/xtts-streaming-server:latest-cpu',
]);
/** A tag that names a release to its last number. */
const FULL_TAG = /:v?\d+\.\d+(\.\d+)?(-[a-z0-9.-]+)?$/;

function read(...path: readonly string[]): string {
  return readFileSync(join(DOCKER, ...path), 'utf8');
}

/** What a variable is, in compose.yaml, when nobody has written it. */
function unwritten(text: string): string {
  return text.replaceAll(/\$\{[A-Z_]+:-([^}]*)\}/g, '$1').replaceAll(/\$\{[A-Z_]+:\+[^}]*\}/g, '');
}

describe('docker/compose.yaml', () => {
  it('is what docker-compose takes, with all profiles', { skip: withoutCompose() }, () => {
    const { status, stderr } = spawnSync(
      composeProgram() ?? '',
      ['-f', COMPOSE_FILE, '--profile', '*', 'config', '-q'],
      { encoding: 'utf8', timeout: LIMIT_MS },
    );
    assert.equal(status, 0, stderr);
  });

  it('publishes on 127.0.0.1 only, and no port twice', () => {
    const published = SERVICES.flatMap(([, { ports }]) => ports).map(unwritten);
    assert.ok(published.length >= 6);
    const taken = published.map((port) => /^127\.0\.0\.1:(\d+):\d+$/.exec(port)?.[1] ?? assert.fail(port));
    assert.equal(new Set(taken).size, taken.length, published.join(' '));
  });

  it('gives the network of the machine to Asterisk alone, and nobody the socket of Docker', () => {
    for (const [name, { network_mode, networks }] of SERVICES) {
      assert.equal(network_mode === 'host', name === 'asterisk', name);
      assert.equal(networks === undefined, name === 'asterisk', name);
    }
    assert.doesNotMatch(TEXT, /docker\.sock|privileged: true/);
  });

  it('lets nobody write into its image, but for xtts, and bounds what is logged', () => {
    for (const [name, { read_only, logging }] of SERVICES) {
      assert.equal(read_only === undefined, name === 'xtts', name);
      assert.ok(name === 'xtts' || logging !== undefined, name);
    }
  });

  it('has full tags', () => {
    for (const [name, { image, pull_policy, build }] of SERVICES) {
      const built = build !== undefined || pull_policy === 'never';
      assert.ok(built ? image.endsWith(':local') : FULL_TAG.test(image) || MOVING.has(image), name);
    }
    for (const file of ['Dockerfile', 'asterisk/Dockerfile']) {
      const bases = [...read(file).matchAll(/^FROM (\S+)/gm)].map(([, base = '']) => base);
      assert.ok(bases.length > 0);
      assert.deepEqual(
        bases.filter((base) => !FULL_TAG.test(base) && !MOVING.has(base)),
        [],
      );
    }
  });

  it('names files that are there, volumes that it declares, and secrets that docker/up makes', () => {
    const up = read('up');
    const named = new Set<string>();
    for (const volume of SERVICES.flatMap(([, { volumes }]) => volumes)) {
      const [from = ''] = volume.split(':');
      if (from.startsWith('./secrets/')) {
        assert.match(up, new RegExp(`mkdir -p .*${from.slice(2)}( |$)`, 'm'), volume);
      } else if (from.startsWith('./')) {
        assert.ok(existsSync(join(DOCKER, from)), volume);
      } else {
        named.add(from);
      }
    }
    assert.deepEqual([...named].sort(), Object.keys(COMPOSE.volumes).sort());
    for (const [name, { build }] of SERVICES) {
      assert.ok(build === undefined || existsSync(join(REPOSITORY, build.dockerfile)), name);
    }
  });

  it('waits for longer than dragoman lets calls end', () => {
    const { drainTimeoutMs } = loadConfig({}, CONFIGURED);
    const graceS = Number(/^(\d+)s$/.exec(COMPOSE.services.dragoman?.stop_grace_period ?? '')?.[1]);
    assert.ok(graceS * 1_000 >= drainTimeoutMs + 30_000, `${graceS} s`);
  });

  it('has the profiles that docker/up knows', () => {
    const known = /^PROFILES=\((.*)\)$/m.exec(read('up'))?.[1]?.split(' ') ?? [];
    const profiles = new Set(SERVICES.flatMap(([, service]) => service.profiles));
    assert.deepEqual([...profiles].sort(), [...known].sort());
    assert.deepEqual(COMPOSE.services.dragoman?.profiles, []);
  });
});

describe('what dragoman is told in its container', () => {
  const environment = Object.fromEntries(
    Object.entries(COMPOSE.services.dragoman?.environment ?? {}).map(([name, text]) => [
      name,
      unwritten(text),
    ]),
  );

  it('starts as it comes', () => {
    const config = loadConfig({}, { ...CONFIGURED, ...environment });
    assert.deepEqual(
      config.listen.map(({ host, port }) => [host, port]),
      [['0.0.0.0', 5_050]],
    );
    const published = COMPOSE.services.dragoman?.ports.map((port) => Number(port.split(':').at(-1))) ?? [];
    assert.deepEqual(published, [5_050, config.http?.port, config.metrics?.port]);
    assert.deepEqual(
      config.warnings.map(({ sentence }) => sentence),
      [],
    );
  });

  it('is all that docker/.env may say of providers', () => {
    const wanted = [
      ...PROVIDER_VARIABLE_LIST.filter(({ secret }) => !secret).map(({ name }) => name),
      ...['DRAGOMAN_STT', 'DRAGOMAN_MT', 'DRAGOMAN_TTS', 'DRAGOMAN_INTERPRETER'],
    ];
    const written = COMPOSE.services.dragoman?.environment ?? {};
    assert.deepEqual(
      wanted.filter((name) => written[name] !== `$\{${name}:-}`),
      [],
    );
  });

  it('is variables that it knows, and none that is a secret', () => {
    const settings = new Set(SETTING_LIST.map(({ key }) => environmentNameOf(key)));
    const providers = new Map(PROVIDER_VARIABLE_LIST.map(({ name, secret }) => [name, secret]));
    for (const name of Object.keys(environment)) {
      assert.ok(settings.has(name) || providers.get(name) === false, name);
    }
    const up = read('up');
    for (const [, name = ''] of up.matchAll(/^with [a-z-]+ ([A-Z_]+) /gm)) {
      assert.match(TEXT, new RegExp(`: \\$\\{${name}:-`), `${name}, of docker/up, gets into no container`);
    }
    // What is a secret of dragoman is named as the variable that names its file.
    const secrets = [...up.matchAll(/\bkeep_secret dragoman\/([A-Z_]+)/g)].map(([, name]) => `${name}_FILE`);
    assert.equal(secrets.length, 3);
    for (const name of secrets) {
      assert.ok(settings.has(name), name);
    }
  });
});

describe('the nodes of the cluster', () => {
  const nodes = SERVICES.filter(([name]) => name.startsWith('dragoman'));

  it('are one dragoman but for what they are called, and what they keep', () => {
    assert.equal(nodes.length, 3);
    const [, first] = nodes[0] ?? assert.fail();
    for (const [name, node] of nodes.slice(1)) {
      const written = Object.entries(node.environment);
      for (const [variable, text] of written.filter(([each]) => !/_NODE_NAME$|_ADDRESS$/.test(each))) {
        assert.equal(text, first.environment[variable], variable);
      }
      assert.equal(written.length, Object.keys(first.environment).length);
      assert.equal(node.environment.DRAGOMAN_NODE_NAME, name);
      assert.equal(node.environment.DRAGOMAN_CLUSTER_ADDRESS, `${name}:5050`);
      assert.deepEqual(node.volumes.slice(0, 2), first.volumes.slice(0, 2));
    }
  });

  it('start together as they come', () => {
    for (const [name, node] of nodes) {
      const own = Object.fromEntries(
        Object.entries(node.environment).map(([each, text]) => [
          each,
          unwritten(text.replace(/^\$\{[A-Z_]+:\+(.*)\}$/, '$1')),
        ]),
      );
      const config = loadConfig({}, { ...CONFIGURED, ...own, DRAGOMAN_CLUSTER: 'nats://nats:4222' });
      assert.equal(config.nodeName, name);
      assert.deepEqual(
        config.warnings.map(({ sentence }) => sentence),
        [],
      );
    }
  });

  it('are known by name to HAProxy, which asks each whether it is ready, and to Prometheus', () => {
    const { http, httpNames } = loadConfig({}, CONFIGURED);
    const haproxy = read('haproxy/containers.cfg');
    for (const [name] of nodes) {
      assert.match(haproxy, new RegExp(`^    server ${name} ${name}:5050$`, 'm'));
      assert.ok(httpNames.includes(name), name);
      assert.match(read('prometheus/containers.yml'), new RegExp(`[\\['\\s]${name}[:,\\]]`), name);
    }
    assert.match(haproxy, new RegExp(`check port ${http?.port} `));
  });

  it('have their calls shared out as by a HAProxy beside services', () => {
    const [ours, theirs] = ['containers.cfg', 'haproxy.cfg'].map((file) =>
      read('haproxy', file)
        .slice(read('haproxy', file).indexOf('\nfrontend'))
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '' && !/^(#|bind|server) ?/.test(line))
        .map((line) => line.replace(/ peers \w+| port \d+| resolvers docker init-addr \S+/g, '')),
    );
    assert.ok((ours?.length ?? 0) > 10);
    assert.deepEqual(ours, theirs);
  });
});

describe('docker/Dockerfile', () => {
  const dockerfile = read('Dockerfile');

  it('installs the engines that scripts/setup does', () => {
    const setup = readFileSync(join(REPOSITORY, 'scripts/setup'), 'utf8');
    const needed = [...setup.matchAll(/^ +["'][^|]*\|([a-z0-9-]+)\|/gm)].map(([, name = '']) => name);
    const engines = needed.filter((name) => !/systemd|testdata|sounds/.test(name));
    assert.ok(engines.length >= 6, engines.join(' '));
    for (const name of engines) {
      assert.match(dockerfile, new RegExp(`[ \n]${name}[ \n]`), name);
    }
  });

  it('is of a Node that dragoman is tested on', () => {
    const tested =
      /^NODES=\((.*)\)$/m.exec(readFileSync(join(REPOSITORY, 'scripts/test'), 'utf8'))?.[1] ?? '';
    for (const [, version = ''] of dockerfile.matchAll(/^FROM docker\.io\/library\/node:([\d.]+)-/gm)) {
      assert.ok(tested.split(' ').includes(version), version);
    }
  });

  it('asks for its health where dragoman.yaml has it answer, runs as nobody in particular, and drains', () => {
    const { http } = loadConfig({}, CONFIGURED);
    assert.match(dockerfile, new RegExp(`fetch\\('http://127\\.0\\.0\\.1:${http?.port}/health'\\)`));
    assert.match(dockerfile, /^USER [1-9]\d*:[1-9]\d*$/m);
    assert.match(dockerfile, /^STOPSIGNAL SIGTERM$/m);
  });

  it('copies what scripts/install puts into its places', () => {
    const install = readFileSync(join(REPOSITORY, 'scripts/install'), 'utf8');
    const put = new Set([...install.matchAll(/\$root\/([A-Za-z.]+)/g)].map(([, name = '']) => name));
    assert.ok(put.size >= 5);
    // What npm, the build and scripts/setup --local-models make.
    for (const name of ['node', 'local', 'dist']) {
      put.delete(name);
    }
    for (const name of put) {
      assert.match(dockerfile, new RegExp(`^COPY ([^\\n]* )?${name} `, 'm'), name);
    }
  });

  it('copies what is there, and what .dockerignore lets through, but no secret', () => {
    const lines = readFileSync(join(REPOSITORY, '.dockerignore'), 'utf8').split('\n');
    for (const made of ['docker/.env', 'docker/secrets']) {
      assert.ok(lines.indexOf(made) > lines.indexOf('!docker'), made);
    }
    const passed = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    const copied = ['Dockerfile', 'asterisk/Dockerfile'].flatMap((file) =>
      [...read(file).matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, from = '']) => from.split(' ')),
    );
    for (const from of copied) {
      assert.ok(existsSync(join(REPOSITORY, from)), from);
      assert.ok(
        passed.some((path) => from === path || from.startsWith(`${path}/`)),
        `${from} is not in .dockerignore`,
      );
    }
    for (const path of passed) {
      assert.ok(existsSync(join(REPOSITORY, path)), path);
    }
  });
});

describe('docker/asterisk', () => {
  it('includes samples that there are', () => {
    const files = readdirSync(join(DOCKER, 'asterisk/etc')).map((file) => read('asterisk/etc', file));
    const included = files.flatMap((text) => [
      ...text.matchAll(/^#include \/usr\/local\/share\/dragoman\/(\S+)$/gm),
    ]);
    assert.ok(included.length >= 7);
    for (const [, path = ''] of included) {
      assert.ok(existsSync(join(REPOSITORY, path)), path);
    }
  });
});

describe('observability', () => {
  it('asks dragoman by its name, with the rules and at the pace of a Prometheus beside the service', () => {
    const [ours, theirs] = [read('prometheus/containers.yml'), readFileSync(PROMETHEUS_FILE, 'utf8')].map(
      (text) =>
        z
          .object({
            global: z.looseObject({}),
            rule_files: z.array(z.string()),
            scrape_configs: z.array(z.object({ job_name: z.string() }).loose()),
          })
          .parse(parse(text)),
    );
    assert.deepEqual(ours?.global, theirs?.global);
    assert.deepEqual(ours?.rule_files, theirs?.rule_files);
    assert.equal(ours?.scrape_configs[0]?.job_name, theirs?.scrape_configs[0]?.job_name);
    const targets = [...read('prometheus/containers.yml').matchAll(/targets: \['([a-z-]+):\d+'\]/g)];
    assert.ok(targets.length >= 2);
    for (const [, service = ''] of targets) {
      assert.ok(service in COMPOSE.services, service);
    }
  });

  it('is a configuration that promtool has nothing against', { skip: withoutPrometheus() }, () => {
    const { status, text } = promtool(['check', 'config', join(DOCKER, 'prometheus/containers.yml')]);
    assert.equal(status, 0, text);
  });

  it('gives the dashboard the source that it asks', () => {
    const [ours, theirs] = ['grafana/containers/datasources', 'grafana/provisioning/datasources'].map(
      (folder) =>
        z
          .object({ datasources: z.tuple([z.object({ uid: z.string(), url: z.string() })]) })
          .parse(parse(read(folder, 'prometheus.yml'))),
    );
    assert.equal(ours?.datasources[0].uid, theirs?.datasources[0].uid);
    assert.equal(ours?.datasources[0].url, 'http://prometheus:9090');
  });
});

/** Docker Compose 2 or newer, which needs no engine to look at a file. */
function composeProgram(): string | undefined {
  const tried = process.env.DOCKER_TRY_DIR ?? '/var/tmp/dragoman-containers';
  const unpacked = join(tried, 'compose/usr/bin/docker-compose');
  return ['docker-compose', unpacked].find((program) =>
    /^v?[2-9]/.test(spawnSync(program, ['version', '--short'], { encoding: 'utf8' }).stdout ?? ''),
  );
}

function withoutCompose(): string | false {
  return composeProgram() === undefined ? 'needs Docker Compose 2 (Debian unstable: docker-compose)' : false;
}
