/** The commands that look at calls and steer them, against the API they ask, in front of calls that the test plays. */

import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { afterEach, describe, it } from 'node:test';
import type { CallEvent } from '../../src/call/call-events.ts';
import type { Screen } from '../../src/cli/screen.ts';
import { CALL_LIST } from '../../src/server/http/api/call-schemas.ts';
import { callOf, ENDED, heard, joined, spoken } from '../server/http/fake-server-view.ts';
import { answer, closeHttp, startHttp } from '../server/http/start-http.ts';
import { freePort } from '../support/ports.ts';
import { eventually } from '../support/waiting.ts';
import { runWords } from './run-words.ts';

afterEach(closeHttp);

async function start(...callIds: readonly string[]) {
  const started = await startHttp({ captions: true });
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
    const { status, out } = await runWords(['calls', ...http]);
    assert.equal(status, 0);
    const [head, first = '', second, ...more] = out.trimEnd().split('\n');
    assert.match(head ?? '', /^CALL +FOR +IS +PARTY +NAME +SPEAKS +STATE +NOW +WAITS$/);
    assert.ok(first.startsWith(`${ids[0]?.slice(0, 8)}  `), first);
    assert.match(first, / {2}clause +a +caller +en +TRANSLATING +speaks$/);
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

  it('says that there are none, lists those that have ended with --all, and prints JSON', async () => {
    const { view, http } = await start();
    assert.deepEqual(await runWords(['calls', ...http]), { status: 0, out: 'no calls\n', error: '' });
    view.fire('c-1', ENDED);
    assert.match((await runWords(['calls', '--all', ...http])).out, /\n[0-9a-f]{8} .* ended/);
    const calls: unknown = JSON.parse((await runWords(['calls', '--all', '--json', ...http])).out);
    assert.equal(CALL_LIST.parse({ calls }).calls[0]?.state, 'ended');
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
