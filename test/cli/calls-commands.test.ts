/** The commands that look at calls and steer them, against the API they ask, in front of calls that the test plays. */

import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, describe, it } from 'node:test';
import { shownLines } from '../../src/base/shown-text.ts';
import type { CallEvent } from '../../src/call/call-events.ts';
import { listenCommand } from '../../src/cli/listen-command.ts';
import type { Screen } from '../../src/cli/screen.ts';
import { parseWav } from '../../src/protocol/wav.ts';
import { CALL_LIST } from '../../src/server/http/api/call-schemas.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { FakeNodes } from '../server/http/fake-nodes.ts';
import { callOf, ENDED, heard, joined, spoken, utteranceOf } from '../server/http/fake-server-view.ts';
import { answer, closeHttp, startHttp } from '../server/http/start-http.ts';
import { freePort } from '../support/ports.ts';
import { eventually } from '../support/waiting.ts';
import { runWords } from './run-words.ts';

afterEach(closeHttp);

async function start(...callIds: readonly string[]) {
  const started = await startHttp({ captions: true, listenIn: 'on' });
  started.view.running = callIds.map(callOf);
  const { calls } = CALL_LIST.parse((await answer(started.url('/api/v1/calls'))).body);
  const http = ['--http', `127.0.0.1:${started.server.address.port}`];
  return { ...started, ids: calls.map(({ call }) => call), http };
}

function left(party: string): CallEvent {
  return { type: 'party-state', atMs: 0, party, name: party, language: 'en', state: 'DISCONNECTED' };
}

/** Until the command is stopped, as by Ctrl+C. */
function interruptible() {
  const signals = new EventEmitter();
  return { signals, interrupt: () => signals.emit('SIGINT') };
}

describe('dragoman calls', () => {
  it('lists the calls that run, a line for each party', async () => {
    const { view, ids, http } = await start('c-1');
    const [call] = view.running;
    assert.ok(call !== undefined);
    const [a, b] = call.parties;
    assert.ok(a !== undefined && b !== undefined);
    view.running = [
      {
        ...call,
        parties: [
          { ...a, speaking: true },
          { ...b, backlogMs: 1_240, muted: true },
        ],
      },
    ];
    view.fire('c-1', utteranceOf('failed'));
    view.fire('c-1', utteranceOf('spoken'));
    const { status, out } = await runWords(['calls', ...http]);
    assert.equal(status, 0);
    const [head, first = '', second, ...more] = out.trimEnd().split('\n');
    assert.match(head ?? '', /^CALL +FOR +IS +LATE +PARTY +NAME +SPEAKS +STATE +NOW +WAITS$/);
    assert.ok(first.startsWith(`${ids[0]?.slice(0, 8)}  `), first);
    assert.match(first, / {2}clause, 1 of 2 failed +0\.6 s +a +caller +en +TRANSLATING +speaks$/);
    assert.match(second ?? '', /^ +b +callee +es +TRANSLATING +is muted +1\.2 s$/);
    assert.deepEqual(more, []);
  });

  it('keeps a party on its line, whatever it is called', async () => {
    const { view, http } = await start('c-1');
    const [call] = view.running;
    const [a] = call?.parties ?? [];
    assert.ok(call !== undefined && a !== undefined);
    view.running = [{ ...call, parties: [{ ...a, name: 'x\n\u001b[2Jy\tz' }] }];
    const [, row = '', ...more] = (await runWords(['calls', ...http])).out.trimEnd().split('\n');
    assert.match(row, / a +x\\u\{a\}\\u\{1b\}\[2Jy\\u\{9\}z +en +TRANSLATING$/);
    assert.deepEqual(more, []);
  });

  it('prints JSON that can be read whatever a party is called', async () => {
    const { view, http } = await start('c-1');
    const [call] = view.running;
    const [a] = call?.parties ?? [];
    assert.ok(call !== undefined && a !== undefined);
    const name = 'x\u202e\u009b2J\u00ad\u{f0000}\u{3fffd}\ny';
    view.running = [{ ...call, parties: [{ ...a, name }] }];
    for (const words of [
      ['calls', '--json'],
      ['top', '--json'],
    ]) {
      const { signals, interrupt } = interruptible();
      let out = '';
      const done = runWords(
        [...words, ...http],
        {},
        {
          signals,
          // As the program writes it to a terminal.
          writeOut: (text) => {
            out += shownLines(text);
            interrupt();
          },
        },
      );
      await done;
      const [shown] = CALL_LIST.parse({ calls: JSON.parse(out) }).calls;
      assert.equal(shown?.parties[0]?.name, name, words.join(' '));
    }
  });

  it('says that there are none, lists those that have ended with --all, and prints JSON', async () => {
    const { view, http } = await start();
    assert.deepEqual(await runWords(['calls', ...http]), { status: 0, out: 'no calls\n', error: '' });
    view.fire('c-1', ENDED);
    assert.match((await runWords(['calls', '--all', ...http])).out, /\n[0-9a-f]{8} .* ended/);
    const calls: unknown = JSON.parse((await runWords(['calls', '--all', '--json', ...http])).out);
    assert.equal(CALL_LIST.parse({ calls }).calls[0]?.state, 'ended');
  });

  it('says what to do where the service wants a token, and what one lacks that it knows', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'dragoman-calls-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const write = (name: string, token: string): string => {
      const path = join(folder, name);
      writeFileSync(path, `ana ${token} read\n`, { mode: 0o600 });
      return path;
    };
    const tokenFile = write('tokens', 'a-token-of-some-length');
    const { view, server } = await startHttp({ tokenFile });
    view.running = [callOf('c-1')];
    const http = ['--http', `127.0.0.1:${server.address.port}`];
    const none = await runWords(['calls', ...http]);
    assert.equal(none.status, 1);
    assert.match(none.error, /wants a token: write --api-token-file FILE/);
    const other = write('other', 'another-token-that-is-wrong');
    const wrong = await runWords(['calls', ...http, '--api-token-file', other]);
    assert.match(wrong.error, /does not know the token of --api-token-file/);
    const all = await runWords(['calls', '--json', ...http, '--api-token-file', tokenFile]);
    const [call] = CALL_LIST.parse({ calls: JSON.parse(all.out) }).calls;
    const lacking = await runWords(['hangup', call?.call ?? '', ...http, '--api-token-file', tokenFile]);
    assert.deepEqual([lacking.status, view.done], [1, []]);
    assert.match(lacking.error, /this token may not do that: write control behind it/);
  });

  it('says what to do when nobody answers', async () => {
    const { status, error } = await runWords(['calls', '--http', `127.0.0.1:${await freePort()}`]);
    assert.equal(status, 1);
    assert.match(error, /is it running, with this address in --http\?/);
  });
});

describe('dragoman hangup', () => {
  it('hangs up a call by the beginning of its name, or one of its parties', async () => {
    const { view, ids, http } = await start('c-1');
    const beginning = ids[0]?.slice(0, 5) ?? '';
    assert.deepEqual(await runWords(['hangup', beginning, 'b', ...http]), {
      ...{ status: 0, out: 'b is hung up\n', error: '' },
    });
    assert.deepEqual(await runWords(['hangup', beginning, ...http]), {
      ...{ status: 0, out: 'the call is hung up\n', error: '' },
    });
    assert.deepEqual(
      view.done.map(([what, call, party]) => [what, call, what === 'hangUpParty' ? party : '']),
      [
        ['hangUpParty', 'c-1', 'b'],
        ['hangUp', 'c-1', ''],
      ],
    );
  });

  it('hangs up nobody where several are meant, or none, and says what the service does', async () => {
    const callIds = Array.from({ length: 17 }, (_, call) => `c-${call}`);
    const { view, ids, http } = await start(...callIds);
    // Of seventeen, two begin with the same digit.
    const digits = ids.map((id) => id.slice(0, 1));
    const shared = digits.find((digit, index) => digits.indexOf(digit) !== index) ?? '';
    const several = await runWords(['hangup', shared, ...http]);
    assert.equal(several.status, 2);
    assert.match(several.error, /^dragoman: \d+ calls begin so; write more of it\n$/);
    const unwritten = await runWords(['hangup', '', ...http]);
    assert.deepEqual([unwritten.status, /which call is not written/.test(unwritten.error)], [2, true]);
    const none = await runWords(['hangup', 'x', ...http]);
    assert.equal(none.status, 2);
    assert.match(none.error, /there is no such call; "dragoman calls --all"/);
    assert.deepEqual(view.done, []);
    const refused = await runWords(['hangup', ids[0] ?? '', 'z', ...http]);
    assert.equal(refused.status, 1);
    assert.match(refused.error, /there is no such party now/);
  });
});

describe('dragoman say', () => {
  it('says why a party cannot be told, as the service does', async () => {
    const { ids, http } = await start('c-1');
    const { status, error } = await runWords(['say', ids[0] ?? '', 'b', 'un', 'momento', ...http]);
    assert.equal(status, 1);
    assert.match(error, /nothing here speaks es at present/);
  });

  it('has a party told all of its words', async () => {
    const { view, interpreting, ids, http } = await start('c-1');
    interpreting.voices.set('es', {
      tts: {
        name: 'played',
        supports: () => assert.fail(),
        synthesize: () => assert.fail(),
        close: async () => {},
      },
      voice: undefined,
    });
    const ran = await runWords(['say', ids[0] ?? '', 'b', 'Su', 'médico', 'viene.', ...http]);
    assert.deepEqual(ran, { status: 0, out: 'b is told it\n', error: '' });
    assert.deepEqual(
      view.said.map(({ piiText }) => piiText),
      ['Su médico viene.'],
    );
  });
});

describe('dragoman tail', () => {
  it('shows what is said in a call until it is over, made harmless for a terminal', async () => {
    const { view, ids, http } = await start('c-1', 'c-2');
    view.fire('c-1', joined('a'));
    const tail = runWords(['tail', ids[0]?.slice(0, 6) ?? '', ...http]);
    await eventually('it is followed', 20_000, async () => {
      view.fire('c-1', heard('a', 1, 'where does'));
      view.fire('c-2', heard('a', 1, 'of another call', true));
      view.fire('c-1', heard('a', 1, 'where does it hurt?\u001b]0;title\u0007', true));
      view.fire('c-1', spoken(1, '¿Dónde le duele?'));
      const saying = { type: 'saying', atMs: 0, party: 'b', saying: 'x', piiText: 'Un momento.' } as const;
      view.fire('c-1', { ...saying, state: 'queued' });
      view.fire('c-1', { ...saying, state: 'started' });
      view.fire('c-1', { type: 'resumed', atMs: 0, times: 1 });
      view.fire('c-1', { type: 'party-unattended', atMs: 0, party: 'b', name: 'Ben', language: 'es' });
      view.fire('c-1', { type: 'recording-full', atMs: 0, full: true });
      view.fire('c-1', { type: 'uninterpreted', atMs: 0, party: 'a', language: 'es' });
      view.fire('c-1', joined('a'));
      view.fire('c-1', left('a'));
      view.fire('c-1', ENDED);
      return true;
    });
    const { status, out } = await tail;
    assert.equal(status, 0);
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/^\d\d:\d\d:\d\d {2}/, ''));
    assert.deepEqual(lines, [
      'a (en) is there',
      'a says   where does it hurt?\\u{1b}]0;title\\u{7}',
      'a in es  ¿Dónde le duele?',
      'b is told  Un momento.',
      'the call goes on at another node',
      'nobody has come to the place of b',
      'the call is not recorded: the disk is full',
      'a is not interpreted into es',
      'a has left',
      'the call is over',
    ]);
  });

  it('follows all calls until it is interrupted, and names them', async () => {
    const { view, ids, http } = await start('c-1', 'c-2');
    const { signals, interrupt } = interruptible();
    let out = '';
    const writeOut = (text: string): void => {
      out += text;
    };
    const tail = runWords(['tail', ...http], {}, { signals, writeOut });
    await eventually('both are told of', 20_000, () => {
      view.fire('c-1', heard('a', 1, 'not yet final'));
      view.fire('c-1', heard('a', 1, 'one', true));
      view.fire('c-2', spoken(1, 'dos'));
      return out.includes('says   one') && out.includes('in es  dos');
    });
    interrupt();
    assert.equal((await tail).status, 0);
    assert.doesNotMatch(out, /not yet final/);
    assert.match(out, new RegExp(`  ${ids[0]?.slice(0, 8)}  a says   one\\n`));
    assert.match(out, new RegExp(`  ${ids[1]?.slice(0, 8)}  a in es  dos\\n`));
  });

  it('prints events as they are with --json', async () => {
    const { view, ids, http } = await start('c-1');
    view.fire('c-1', spoken(1, 'hola'));
    view.fire('c-1', ENDED);
    const { out } = await runWords(['tail', ids[0] ?? '', '--json', ...http]);
    const events = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      events.map(({ type, piiText }) => [type, piiText]),
      [
        ['spoken', 'hola'],
        ['ended', undefined],
      ],
    );
  });

  it('says so where the service does not share what is said', async () => {
    const { view, server } = await startHttp({ captions: false });
    view.running = [callOf('c-1')];
    const { status, error } = await runWords(['tail', '--http', `127.0.0.1:${server.address.port}`]);
    assert.equal(status, 1);
    assert.match(error, /--captions/);
  });
});

describe('dragoman top', () => {
  /** A terminal of a few lines that keeps what is drawn. */
  function played(rows: number) {
    const drawn: (readonly string[])[] = [];
    const state = { closed: 0 };
    const screen: Screen = {
      rows,
      draw: (lines) => drawn.push(lines),
      close: () => {
        state.closed += 1;
      },
    };
    return { drawn, state, screen };
  }

  it('draws the calls again and again, and gives the terminal back when it is interrupted', async () => {
    const { ids, http } = await start('c-1');
    const { signals, interrupt } = interruptible();
    const { drawn, state, screen } = played(24);
    const top = runWords(['top', ...http], {}, { signals, screen });
    await eventually('it is drawn twice', 20_000, () => drawn.length >= 2);
    interrupt();
    assert.deepEqual(await top, { status: 0, out: '', error: '' });
    assert.equal(state.closed, 1);
    const [head, , , first] = drawn[0] ?? [];
    assert.match(head ?? '', /^dragoman 1\.2\.3 at 127\.0\.0\.1:\d+ {2}calls 0 {2}legs 0\/200 {2}WELL$/);
    assert.match(first ?? '', new RegExp(`^${ids[0]?.slice(0, 8)}  `));
  });

  it('draws on while the service is away, and says so', async () => {
    const { server, http } = await start('c-1');
    const { signals, interrupt } = interruptible();
    const { drawn, screen } = played(24);
    const top = runWords(['top', ...http], {}, { signals, screen });
    await eventually('it is drawn', 20_000, () => drawn.length > 0);
    await server.close();
    await eventually('it says that nobody answers', 20_000, () =>
      /is it running/.test(drawn.at(-1)?.[0] ?? ''),
    );
    interrupt();
    assert.equal((await top).status, 0);
    assert.match(drawn.at(-1)?.[2] ?? '', /^CALL/);
  });

  it('draws the nodes that serve together, and the calls of all, and says so where one serves alone', async () => {
    const nodes = new FakeNodes();
    const together = await startHttp({}, { nodes });
    const http = ['--http', `127.0.0.1:${together.server.address.port}`];
    const { out } = await runWords(['top', '--cluster', ...http]);
    const lines = out.split('\n');
    assert.match(lines[0] ?? '', /^dragoman at 127\.0\.0\.1:\d+ {2}nodes 1\/3 {2}calls 1$/);
    assert.match(lines[2] ?? '', /^NODE +STATE +CALLS +LEGS +OF +VERSION +ADDRESS +API$/);
    assert.match(lines[3] ?? '', /^one \* +up +2 +4 +200 +1\.2\.3 +10\.0\.0\.1:5050 +10\.0\.0\.1:3000$/);
    assert.match(lines[4] ?? '', /^two +draining /);
    assert.match(lines[8] ?? '', /^c-1 +two +\d+:\d\d:\d\d +en es +2 +1$/);
    nodes.link = { connected: false, trouble: 'connection refused' };
    assert.match((await runWords(['top', '--cluster', ...http])).out, /NATS IS AWAY/);
    const alone = await start();
    assert.match((await runWords(['top', '--cluster', ...alone.http])).out, /serves alone: serve --cluster/);
  });

  it('has those in which somebody waits longest first, then those that fail most', async () => {
    const { view, ids, http } = await start('c-1', 'c-2', 'c-3');
    view.fire('c-2', utteranceOf('failed'));
    view.running = view.running.map((call) =>
      call.callId === 'c-3'
        ? { ...call, parties: call.parties.map((party) => ({ ...party, backlogMs: 900 })) }
        : call,
    );
    const { out } = await runWords(['top', ...http]);
    const listed = out.split('\n').flatMap((line) => ids.find((id) => line.startsWith(id.slice(0, 8))) ?? []);
    assert.deepEqual(listed, [ids[2], ids[1], ids[0]]);
  });

  it('says what does not fit', async () => {
    const { http } = await start('c-1', 'c-2', 'c-3');
    const { signals, interrupt } = interruptible();
    const { drawn, screen } = played(5);
    const top = runWords(['top', ...http], {}, { signals, screen });
    await eventually('it is drawn', 20_000, () => drawn.length > 0);
    interrupt();
    await top;
    assert.deepEqual([drawn[0]?.length, drawn[0]?.at(-1)], [5, '5 lines more; a longer window shows them']);
  });

  it('ends where nobody reads what it prints any more', async () => {
    const { http } = await start('c-1');
    const signals = new EventEmitter();
    const writeOut = (): void => void signals.emit('SIGPIPE', 'SIGPIPE');
    const ran = await runWords(['top', '--json', ...http], {}, { signals, writeOut });
    assert.deepEqual([ran.status, ran.error], [0, '']);
    assert.equal(signals.listenerCount('SIGPIPE'), 0);
  });

  it('prints the table once where there is no terminal, and a line of JSON each time with --json', async () => {
    const { http } = await start('c-1');
    assert.match((await runWords(['top', ...http])).out, /^dragoman .*\n\nCALL .*\n[0-9a-f]{8} .*\n.*\n$/);
    const { signals, interrupt } = interruptible();
    let out = '';
    const writeOut = (text: string): void => {
      out += text;
    };
    const top = runWords(['top', '--json', ...http], {}, { signals, writeOut });
    await eventually('two lines', 20_000, () => out.split('\n').length > 2);
    interrupt();
    await top;
    const [line = ''] = out.split('\n');
    assert.equal(CALL_LIST.parse({ calls: JSON.parse(line) }).calls.length, 1);
  });
});

describe('dragoman listen', () => {
  async function playing() {
    const rig = await start('c-1');
    let end = (): void => {};
    const pieces = [Int16Array.of(1, 2), Int16Array.of(3)];
    rig.view.listensThen = () => ({
      ...{ rateHz: 8_000, channels: 1, dropped: () => {}, close: () => end() },
      take: () => pieces.shift() ?? new Int16Array(0),
      onEnd: (ended) => {
        end = () => ended('party-left');
      },
    });
    /** Time passes until all is heard, then the party leaves. */
    const over = async (): Promise<void> => {
      await eventually('somebody listens', 20_000, () => rig.clock.pendingTimers > 0);
      await rig.clock.advance(300);
      end();
    };
    return { ...rig, over };
  }

  it('writes what is heard as it comes, for a player', async () => {
    const { view, ids, http, over } = await playing();
    const out = new PassThrough();
    const [ran] = await Promise.all([
      runWords(['listen', ids[0]?.slice(0, 6) ?? '', 'b', '--what', 'heard', ...http], {}, { rawOut: out }),
      over(),
    ]);
    assert.deepEqual(ran, { status: 0, out: '', error: 'dragoman: there is no more to hear of b\n' });
    assert.deepEqual([...parseWav(out.read()).pcm], [1, 2, 3]);
    assert.equal(out.writableEnded, false, 'it is not ours to end');
    assert.deepEqual(view.done, [['listenToParty', 'c-1', 'b', { what: 'heard', by: 'local', tone: false }]]);
  });

  it('writes a file that says how long it is, of who is there first', async () => {
    const { view, ids, http, over } = await playing();
    const folder = mkdtempSync(join(tmpdir(), 'dragoman-listen-'));
    const path = join(folder, 'call.wav');
    try {
      await Promise.all([runWords(['listen', ids[0] ?? '', '--output', path, ...http]), over()]);
      const file = readFileSync(path);
      assert.deepEqual([file.readUInt32LE(40), [...parseWav(file).pcm]], [6, [1, 2, 3]]);
      assert.deepEqual(view.done, [
        ['listenToParty', 'c-1', 'a', { what: 'both', by: 'local', tone: false }],
      ]);
      const there = await runWords(['listen', ids[0] ?? '', '--output', join(path, 'below'), ...http]);
      assert.deepEqual(
        [there.status, /cannot be written \(ENOTDIR\)/.test(there.error)],
        [1, true],
        there.error,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('waits for nothing more where what it hears cannot be written, and says what to do', async () => {
    const { view, ids, http } = await start('c-1');
    view.listensThen = () => ({
      ...{ rateHz: 8_000, channels: 1, dropped: () => {}, take: () => new Int16Array(0) },
      ...{ onEnd: () => {}, close: () => {} },
    });
    for (const path of ['/dev/full', '/dev/null/below']) {
      const clock = new FakeClock();
      const context = {
        ...{ environment: {}, writeOut: () => {}, writeError: () => {} },
        ...{ signals: new EventEmitter(), strays: new EventEmitter(), exit: () => {}, kill: () => {} },
      };
      const words = [ids[0] ?? '', '--output', path, ...http];
      await assert.rejects(listenCommand(context, clock).parseAsync(words, { from: 'user' }), {
        message: /cannot be written \(\w+\): name a file/,
      });
      assert.equal(clock.pendingTimers, 0);
    }
  });

  it('does not write sound on a terminal, and passes on why there is nothing to hear', async () => {
    const { view, ids, http } = await start('c-1');
    const terminal = await runWords(['listen', ids[0] ?? '', ...http]);
    assert.deepEqual([terminal.status, /aplay/.test(terminal.error)], [2, true]);
    view.listensThen = () => 'refused';
    const refused = await runWords(['listen', ids[0] ?? '', ...http], {}, { rawOut: new PassThrough() });
    assert.deepEqual([refused.status, /does not want to be recorded/.test(refused.error)], [1, true]);
  });
});
