import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bodyRest, bodyStart, keptLatents, keptStart } from '../../src/engines/tts/xtts/latents.ts';
import { ObjectMembers } from '../../src/engines/tts/xtts/object-members.ts';
import { ServerPool } from '../../src/engines/tts/xtts/server-pool.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { latentsOf } from '../stand-ins/xtts.ts';

describe('ObjectMembers', () => {
  const json = Buffer.from(
    ' {"Alma María": {"a":[1,{"b":"]}\\"{"}]}, "n":7,\n"q\\"\\u00e9}":[[1],[2]] , "e": {} } ',
  );
  const expected = [
    ['Alma María', '{"a":[1,{"b":"]}\\"{"}]}'],
    ['q"é}', '[[1],[2]]'],
    ['e', '{}'],
  ];

  it('finds the same members wherever the object is cut', () => {
    for (let first = 0; first <= json.length; first += 1) {
      for (let second = first; second <= json.length; second += 1) {
        const members = new ObjectMembers();
        for (const part of [json.subarray(0, first), json.subarray(first, second), json.subarray(second)]) {
          // Whoever reads sockets uses its memory again.
          const own = Buffer.from(part);
          members.push(own);
          own.fill(0);
        }
        const found = [...members.end()].map(([name, value]) => [name, value.toString()]);
        assert.deepEqual(found, expected, `${first}, ${second}`);
      }
    }
  });

  it('refuses what is no object, or has no end', () => {
    for (const text of ['', '{"a":{}', 'nonsense', '<html>', '"a"']) {
      assert.throws(
        () => {
          const members = new ObjectMembers();
          members.push(Buffer.from(text));
          members.end();
        },
        { code: 'engine-bad-answer' },
        text,
      );
    }
    const none = new ObjectMembers();
    none.push(Buffer.from('{}'));
    assert.equal(none.end().size, 0);
  });
});

describe('A request’s body', () => {
  it('begins with what was kept of a voice as with what it was made of, and with nothing that is no voice', () => {
    const start = bodyStart(Buffer.from(latentsOf(3, 2)), 'x.json');
    assert.deepEqual(keptStart(keptLatents(start), 'what is kept'), start);
    assert.deepEqual(keptStart(Buffer.from(` ${latentsOf(3, 2)}`), 'what is kept'), start);
    for (const json of ['', '{}', '{"speaker_embedding":[1]', latentsOf(3, 2).slice(1)]) {
      assert.throws(() => keptStart(Buffer.from(json), 'what is kept'), {
        code: 'voice-refused',
        message: /what is kept/,
      });
    }
  });

  it('is the voice and the text, and nothing else of the voice’s file', () => {
    const voice = JSON.parse(latentsOf(1, 2));
    const start = bodyStart(Buffer.from(JSON.stringify({ name: 'x', ...voice, text: 'old' })), 'x.json');
    const rest = { text: 'sí "ya"', language: 'es', add_wav_header: false, stream_chunk_size: '20' };
    assert.deepEqual(JSON.parse(Buffer.concat([start, bodyRest(rest)]).toString()), { ...voice, ...rest });
  });

  it('is not made of what is no voice', () => {
    const row = JSON.stringify(new Array(1_024).fill(0));
    for (const json of [
      '{}',
      'null',
      '[',
      `{"speaker_embedding":[],"gpt_cond_latent":[${row}]}`,
      `{"speaker_embedding":["1"],"gpt_cond_latent":[${row}]}`,
      `{"speaker_embedding":[1],"gpt_cond_latent":[]}`,
      `{"speaker_embedding":[1],"gpt_cond_latent":${row}}`,
    ]) {
      assert.throws(() => bodyStart(Buffer.from(json), 'x.json'), { code: 'engine-bad-answer' }, json);
    }
    assert.ok(bodyStart(Buffer.from(`{"speaker_embedding":[1],"gpt_cond_latent":[${row}]}`), 'x').length > 0);
  });
});

describe('ServerPool', () => {
  const { signal } = new AbortController();

  function make(count: number, waitingLimit = 2): { clock: FakeClock; pool: ServerPool<string> } {
    const clock = new FakeClock();
    const servers = ['a', 'b', 'c'].slice(0, count);
    return { clock, pool: new ServerPool(servers, { clock, restMs: 100, waitingLimit }) };
  }

  it('knows how many servers could work now, those that rest left out', async () => {
    const { pool, clock } = make(3);
    assert.equal(pool.free, 3);
    const [first, second] = [await pool.take(signal), await pool.take(signal)];
    assert.equal(pool.free, 1);
    pool.giveBack(first, 'failed');
    assert.equal(pool.free, 1);
    pool.giveBack(second, 'served');
    assert.equal(pool.free, 2);
    await clock.advance(100);
    assert.equal(pool.free, 3);
  });

  it('gives the server that has been free longest', async () => {
    const { pool } = make(3);
    const taken = [await pool.take(signal), await pool.take(signal), await pool.take(signal)];
    assert.deepEqual(taken, ['a', 'b', 'c']);
    pool.giveBack('b', 'served');
    pool.giveBack('a', 'served');
    assert.deepEqual([await pool.take(signal), await pool.take(signal)], ['b', 'a']);
  });

  it('serves those who wait in order, forgets who gives up, refuses who is too many', async () => {
    const { pool, clock } = make(1);
    await pool.take(signal);
    const controller = new AbortController();
    const second = pool.take(controller.signal);
    const third = pool.take(signal);
    await assert.rejects(pool.take(signal), { code: 'engine-overloaded' });
    const reason = new Error('gave up');
    controller.abort(reason);
    await assert.rejects(second, reason);
    pool.giveBack('a', 'served');
    assert.equal(await third, 'a');
    await assert.rejects(pool.take(AbortSignal.abort(reason)), reason);
    assert.equal(clock.pendingTimers, 0);
  });

  it('lets who waits have a server when its rest ends, and no sooner while another may come free', async () => {
    const { pool, clock } = make(2);
    await pool.take(signal);
    await pool.take(signal);
    pool.giveBack('a', 'failed');
    let given = '';
    const waiting = pool.take(signal).then((server) => {
      given = server;
    });
    await clock.advance(99);
    assert.equal(given, '');
    await clock.advance(1);
    await waiting;
    assert.equal(given, 'a');
    assert.equal(clock.pendingTimers, 0);
  });

  it('tries the one that has rested longest when all rest', async () => {
    const { pool, clock } = make(2);
    await pool.take(signal);
    await pool.take(signal);
    const waiting = pool.take(signal);
    pool.giveBack('b', 'failed');
    await clock.advance(10);
    pool.giveBack('a', 'failed');
    assert.equal(await waiting, 'b');
    assert.deepEqual(pool.inOrder, ['b', 'a']);
    assert.equal(clock.pendingTimers, 0);
  });
});
