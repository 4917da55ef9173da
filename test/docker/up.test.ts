/** `docker/up` on machines of which a folder of commands is all there is, with a `docker` that only answers and notes. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { freePorts, listen } from '../support/ports.ts';
import { REPOSITORY, run, temporaryFolder } from '../systemd/repository.ts';

/** What the script is made of. */
const TOOLS =
  'bash cat chgrp chmod chown cut df dirname git grep id mkdir mv od realpath rm sed seq sleep tail timeout touch tr'.split(
    ' ',
  );

/** Compose with an engine: nothing runs before `up`, all is well after it. */
const DOCKER = `#!/bin/sh
printf '%s\\n' "$*" >>"$(dirname "$0")/../asked"
case "$*" in
  'compose version --short') echo 2.40.3 ;;
  'compose exec'*) echo WELL ;;
esac
`;

describe('docker/up', () => {
  const script = join(REPOSITORY, 'docker/up');

  it('tells what it does when asked, also to who says sh, and refuses what it does not know', () => {
    assert.match(run(script, ['--help']).output, /^Usage: docker\/up /);
    assert.match(run('sh', [script, '-h']).output, /^Usage: /);
    assert.equal(run(script, ['--unheard-of']).status, 2);
    const { status, errors } = run(script, ['databases']);
    assert.equal(status, 2);
    assert.match(errors, /no profile databases .*observability database/);
  });

  it('has a try that says what it takes before it takes it', () => {
    const tried = join(REPOSITORY, 'docker/try');
    assert.match(run('sh', [tried, '--help']).output, /^Usage: docker\/try /);
    assert.equal(run(tried, ['--unheard-of']).status, 2);
  });

  it('starts what is named, and remembers it', async (test) => {
    const machine = await machineWith(test);
    const { status, output } = machine.up('observability', 'database');
    assert.equal(status, 0, output);
    assert.match(output, /WELL/);
    assert.ok(machine.asked().some((line) => /^compose up .*--detach/.test(line)));
    const chosen = machine.file('.env');
    assert.match(chosen, /^COMPOSE_PROFILES=observability,database$/m);
    assert.match(chosen, /^DRAGOMAN_RECORDS=\/var\/lib\/dragoman\/records$/m);
    assert.doesNotMatch(chosen, /OPENAI/);
    assert.equal(machine.up().status, 0);
    assert.equal(machine.file('.env'), chosen);
    assert.equal(machine.up('asterisk').status, 0);
    assert.match(machine.file('.env'), /^COMPOSE_PROFILES=asterisk$/m);
    assert.doesNotMatch(machine.file('.env'), /DRAGOMAN_RECORDS/);
  });

  it('makes secrets once, which nobody else can read', async (test) => {
    const machine = await machineWith(test);
    machine.up('database');
    const made = machine.file('secrets/dragoman/DRAGOMAN_RECORDS_DB_URL');
    assert.equal(
      made.trim(),
      `postgres://dragoman:${machine.file('secrets/postgres/password').trim()}@postgres/dragoman`,
    );
    assert.match(
      machine.file('secrets/dragoman/DRAGOMAN_API_TOKEN'),
      /^operator [0-9a-f]{48} control,captions\n$/,
    );
    assert.equal(machine.mode('secrets/dragoman/DRAGOMAN_API_TOKEN'), 0o640);
    assert.equal(machine.mode('secrets'), 0o750);
    machine.up('database');
    assert.equal(machine.file('secrets/dragoman/DRAGOMAN_RECORDS_DB_URL'), made);
  });

  it('lets the nodes of a cluster, and nobody else, into its broker, and Asterisk call them', async (test) => {
    const machine = await machineWith(test);
    machine.up('asterisk', 'cluster');
    const [user, password] = machine.file('secrets/dragoman/DRAGOMAN_CLUSTER_CREDENTIALS').trim().split(':');
    assert.equal(user, 'dragoman');
    assert.match(password ?? '', /^[0-9a-f]{48}$/);
    const broker = machine.file('secrets/nats/nats.conf');
    assert.match(broker, new RegExp(`^ *password: "${password}"$`, 'm'));
    assert.doesNotMatch(broker, /^ *password: "CHANGE-ME"/m);
    assert.match(machine.file('.env'), /^DRAGOMAN_CLUSTER=nats:\/\/nats:4222$/m);
    assert.match(machine.file('.env'), /^DRAGOMAN_NODES=127\.0\.0\.1:\d+$/m);
  });

  it('makes the nodes of a cluster anew one after the other, each when the one before is there again', async (test) => {
    const machine = await machineWith(test);
    machine.command('docker', DOCKER.replace('esac', "  'compose ps'*) echo 1f2e ;;\nesac"));
    machine.up('cluster');
    const before = machine.asked().length;
    const { status, output } = machine.up('cluster');
    assert.equal(status, 0, output);
    const node = (name: string) => [`compose up --detach ${name}`, `compose exec -T ${name} dragoman status`];
    assert.deepEqual(
      machine
        .asked()
        .slice(before - 1)
        .filter((line) => /^compose (build|up|exec)/.test(line)),
      [
        'compose build',
        ...['dragoman', 'dragoman-2', 'dragoman-3'].flatMap(node),
        'compose up --detach --remove-orphans',
        'compose exec -T dragoman dragoman status',
      ],
    );
  });

  it('leaves the other nodes as they are when one does not come up', async (test) => {
    const machine = await machineWith(test);
    const running = DOCKER.replace('esac', "  'compose ps'*) echo 1f2e ;;\nesac");
    machine.command(
      'docker',
      running.replace(
        "'compose exec'*)",
        "'compose exec -T dragoman-2'*) echo DOWN; exit 2 ;;\n  'compose exec'*)",
      ),
    );
    machine.command('sleep', '#!/bin/sh\n');
    const { status, output } = machine.up('cluster');
    assert.equal(status, 1, output);
    assert.match(output, /DOWN\n\nup: dragoman-2 does not come up; .*logs dragoman-2/);
    assert.ok(!machine.asked().includes('compose up --detach dragoman-3'));
  });

  it('has the broker read what docker/nats and the password have become', async (test) => {
    const machine = await machineWith(test);
    machine.command('docker', DOCKER.replace('esac', "  'compose ps'*) echo 1f2e ;;\nesac"));
    const anew = (): readonly string[] => machine.asked().filter((line) => /--force-recreate/.test(line));
    machine.up('cluster');
    const first = machine.file('secrets/dragoman/DRAGOMAN_CLUSTER_CREDENTIALS');
    const asked = anew().length;
    machine.up();
    assert.equal(anew().length, asked, 'nothing has changed');
    const written = machine.file('nats/nats.conf').replace('65536', '131072');
    writeFileSync(join(machine.path, 'docker/nats/nats.conf'), written);
    machine.up();
    assert.match(machine.file('secrets/nats/nats.conf'), /^max_payload: 131072$/m);
    assert.equal(machine.file('secrets/dragoman/DRAGOMAN_CLUSTER_CREDENTIALS'), first);
    assert.deepEqual(anew().slice(asked), ['compose up --detach --force-recreate nats']);
    rmSync(join(machine.path, 'docker/secrets/dragoman/DRAGOMAN_CLUSTER_CREDENTIALS'));
    machine.up();
    const [, password = ''] = machine.file('secrets/dragoman/DRAGOMAN_CLUSTER_CREDENTIALS').trim().split(':');
    assert.ok(!first.includes(password));
    assert.match(machine.file('secrets/nats/nats.conf'), new RegExp(`^ *password: "${password}"$`, 'm'));
    assert.equal(machine.mode('secrets/nats/nats.conf'), 0o640);
    assert.deepEqual(
      anew().slice(asked + 1),
      ['nats', 'dragoman', 'dragoman-2', 'dragoman-3'].map(
        (service) => `compose up --detach --force-recreate ${service}`,
      ),
    );
  });

  it('removes what runs of a profile that is not named, and nothing else', async (test) => {
    const machine = await machineWith(test);
    const every = '--profile=asterisk --profile=local-models --profile=xtts --profile=observability';
    const all = `compose ${every} --profile=database --profile=cluster`;
    machine.command(
      'docker',
      DOCKER.replace(
        'esac',
        [
          "  'compose config --services') printf 'dragoman\\nasterisk\\n' ;;",
          `  '${all} config --services') printf 'haproxy\\nasterisk\\ndragoman-2\\nxtts\\ndragoman\\n' ;;`,
          `  '${all} ps --all --quiet xtts') ;;`,
          "  'compose '*' ps '*) echo 1f2e ;;",
          'esac',
        ].join('\n'),
      ),
    );
    const { status, output } = machine.up('asterisk');
    assert.equal(status, 0, output);
    const asked = machine.asked();
    assert.deepEqual(
      asked.filter((line) => / (rm|stop) /.test(line)),
      ['haproxy', 'dragoman-2'].map((service) => `${all} rm --stop --force ${service}`),
    );
    assert.ok(
      asked.indexOf('compose up --detach --remove-orphans') < asked.findIndex((line) => / rm /.test(line)),
    );
    assert.match(output, /Removing dragoman-2, /);
  });

  for (const [what, said, status] of [
    ['is degraded', 'dragoman 1.0.0 at 127.0.0.1:3000 is DEGRADED, up 3 min', 0],
    ['is not there when Compose looks', 'service "dragoman" is not running', 1],
  ] as const) {
    it(`takes status 1 for what it means when a node ${what}`, async (test) => {
      const machine = await machineWith(test);
      machine.command('docker', DOCKER.replace('echo WELL', `echo '${said}'; exit 1`));
      machine.command('sleep', '#!/bin/sh\n');
      const result = machine.up();
      assert.equal(result.status, status, result.output);
      assert.ok(result.output.includes(said));
    });
  }

  it('is not misled by a node that starts again and again, and is degraded in between', async (test) => {
    const machine = await machineWith(test);
    const turns = `n=$(cat "$0.n" 2>/dev/null || echo 0); n=$((n + 1)); echo $n >"$0.n"
    [ $((n % 9)) -eq 0 ] && { echo 'Container is restarting'; exit 1; }
    echo 'dragoman 1.0.0 at 127.0.0.1:3000 is DEGRADED, up 1 s'; exit 1`;
    machine.command('docker', DOCKER.replace('echo WELL', turns));
    machine.command('sleep', '#!/bin/sh\n');
    assert.match(machine.up().output, /up: dragoman does not come up/);
  });

  it('leaves alone what is written in docker/.env', async (test) => {
    const machine = await machineWith(test, { env: 'DRAGOMAN_VOICE=en=af_bella,es=em_alex\n' });
    machine.up('local-models');
    const env = machine.file('.env');
    assert.match(env, /^DRAGOMAN_VOICE=en=af_bella,es=em_alex$/m);
    assert.match(env, /^OPENAI_SPEECH_URL=http:\/\/speaches:8000$/m);
  });

  it('says all that is missing at once, and changes nothing', async (test) => {
    const taken = createServer();
    const port = await listen(taken);
    test.after(() => taken.close());
    const machine = await machineWith(test, { env: `SIP_BIND=0.0.0.0:5060\nDRAGOMAN_PORT=${port}\n` });
    const before = machine.file('.env');
    for (const words of [
      ['asterisk', 'xtts'],
      ['--check', 'asterisk', 'xtts'],
    ]) {
      const { status, output } = machine.up(...words);
      assert.equal(status, 1, output);
      assert.match(output, new RegExp(`port ${port}, for AudioSocket, is taken\n.*DRAGOMAN_PORT=`));
      assert.match(output, /COQUI_TOS_AGREED=1/);
      assert.match(output, /whose password everybody knows\n.*secrets\/asterisk\/phones/);
      assert.ok(output.split('\n').length <= 24, 'it does not fit on one screen');
    }
    assert.equal(machine.file('.env'), before);
    assert.ok(!machine.asked().some((line) => line.startsWith('compose up')));
  });

  it('says what to install where there is no Compose, one that is too old, or no engine', async (test) => {
    const machine = await machineWith(test);
    machine.command(
      'docker',
      '#!/bin/sh\n[ "$*" = "compose ls" ] && exit 1\n[ "$*" != "compose version --short" ] || echo 2.1.0\n',
    );
    assert.match(machine.up().output, /the engine does not answer\n.*systemctl start docker/);
    machine.command('docker', '#!/bin/sh\n[ "$*" != "compose version --short" ] || echo 1.29.2\n');
    assert.match(machine.up().output, /is 1\.29\.2\n/);
    rmSync(join(machine.path, 'commands/docker'));
    assert.match(machine.up().output, /Docker Compose is not installed\n.*https:\/\/docs\.docker\.com/);
  });

  it('fails when dragoman does not come up', async (test) => {
    const machine = await machineWith(test);
    machine.command('docker', DOCKER.replace('echo WELL', 'echo DOWN; exit 2'));
    machine.command('sleep', '#!/bin/sh\n');
    const { status, output } = machine.up();
    assert.equal(status, 1, output);
    assert.match(output, /DOWN\n\nup: .*logs dragoman/);
  });
});

async function machineWith(test: TestContext, { env = '' } = {}) {
  const { path, remove } = temporaryFolder();
  test.after(remove);
  const docker = join(path, 'docker');
  const commands = join(path, 'commands');
  for (const folder of [docker, commands]) {
    mkdirSync(folder);
  }
  cpSync(join(REPOSITORY, 'docker/up'), join(docker, 'up'));
  cpSync(join(REPOSITORY, 'docker/nats'), join(docker, 'nats'), { recursive: true });
  const names = [
    'DRAGOMAN_HTTP',
    'DRAGOMAN_METRICS',
    'PROMETHEUS',
    'ALERTMANAGER',
    'GRAFANA',
    'CLUSTER',
    'DRAGOMAN',
  ];
  const ports = await freePorts(names.length);
  const lines = names.map((name, index) => `${name}_PORT=${ports[index]}\n`);
  writeFileSync(join(docker, '.env'), lines.join('') + env);
  for (const name of TOOLS) {
    const found = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim();
    if (found !== '') {
      symlinkSync(found, join(commands, name));
    }
  }
  const command = (name: string, text: string): void => {
    rmSync(join(commands, name), { force: true });
    writeFileSync(join(commands, name), text, { mode: 0o755 });
  };
  command('docker', DOCKER);
  const file = (name: string): string => readFileSync(join(docker, name), 'utf8');
  return {
    path,
    command,
    file,
    mode: (name: string): number => statSync(join(docker, name)).mode & 0o777,
    /** What was asked of Docker so far. */
    asked: (): readonly string[] => {
      try {
        return readFileSync(join(path, 'asked'), 'utf8').split('\n');
      } catch {
        return [];
      }
    },
    up: (...words: readonly string[]) => {
      const { status, stdout, stderr } = spawnSync(join(docker, 'up'), words, {
        encoding: 'utf8',
        env: { PATH: commands, LC_ALL: 'C.UTF-8' },
      });
      return { status, output: stripVTControlCharacters(stdout + stderr) };
    },
  };
}
