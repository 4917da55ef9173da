/** Phones that are given to Asterisk over ARI, on its wire. */

import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { systemClock } from '../../../src/base/clock.ts';
import { Secret } from '../../../src/base/secret.ts';
import { AriClient, basicAuthorization } from '../../../src/server/doors/ari/ari-client.ts';
import { AriEndpoints } from '../../../src/server/endpoints/ari-endpoints.ts';
import { AriPhones } from '../../../src/server/endpoints/ari-phones.ts';
import { type EndpointReason, EndpointRefusal } from '../../../src/server/endpoints/endpoint-refusal.ts';
import { StrictSorcery } from '../../stand-ins/strict-sorcery.ts';

const PASSWORD = new Secret('correct-Horse-9');
const HUSH = new Secret('hush');
const NEVER = new AbortController().signal;
const AT_ONCE = { whenIdle: false };

const open: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

async function start(password = HUSH) {
  const sorcery = await StrictSorcery.open(basicAuthorization('dragoman', HUSH));
  const client = new AriClient({ url: sorcery.url, user: 'dragoman', password }, systemClock);
  open.push(client, sorcery);
  const asterisk = new AriPhones(client, 'dragoman');
  const book = new AriEndpoints({ asterisk, realm: 'asterisk', clock: systemClock });
  const add = (name: string, more = {}) => book.add({ name, language: 'en', ...more }, PASSWORD, NEVER);
  return { sorcery, asterisk, book, add };
}

function refused(reason: EndpointReason, said: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof EndpointRefusal, String(error));
    assert.equal(error.reason, reason);
    assert.match(error.message, said);
    return true;
  };
}

describe('phones that are given to Asterisk over ARI', () => {
  it('are three objects, of which the endpoint comes last and goes first', async () => {
    const { sorcery, book, add } = await start();
    await add('ana', { voice: 'nova' });
    const puts = () => sorcery.asked.filter((each) => !each.startsWith('GET'));
    assert.deepEqual(puts(), ['PUT auth/ana', 'PUT aor/ana', 'PUT endpoint/ana']);
    assert.equal(sorcery.kept.get('endpoint/ana')?.get('@dragoman_lang'), 'en');
    const auth = sorcery.kept.get('auth/ana');
    assert.deepEqual([auth?.get('auth_type'), auth?.get('realm')], ['md5', 'asterisk']);
    assert.match(auth?.get('md5_cred') ?? '', /^[0-9a-f]{32}$/);
    assert.ok(
      !JSON.stringify([...sorcery.kept].map(([, fields]) => [...fields])).includes(PASSWORD.reveal()),
    );
    sorcery.asked.length = 0;
    await book.remove('ana', AT_ONCE, NEVER);
    assert.deepEqual(puts(), ['DELETE endpoint/ana', 'DELETE auth/ana', 'DELETE aor/ana']);
    assert.equal(sorcery.kept.size, 0);
  });

  it('are listed as they were added, those of other people are not', async () => {
    const { sorcery, book, add } = await start();
    sorcery.written.set('endpoint/desk', new Map([['context', 'phones']]));
    sorcery.kept.set('endpoint/foreign', new Map([['context', 'phones']]));
    sorcery.written.set('transport/tls', new Map([['protocol', 'tls']]));
    await add('ben', { encrypted: true, transport: 'tls', codecs: ['opus', 'ulaw:40'], context: 'desk' });
    await add('ana', { voice: '@ana' });
    sorcery.online.add('ana');
    sorcery.channels.set('1795979720.0', 'PJSIP/ben-00000001');
    const usual = {
      context: 'phones',
      codecs: ['g722', 'alaw', 'ulaw'],
      encrypted: false,
      transport: undefined,
    };
    assert.deepEqual(await book.list(NEVER), [
      {
        name: 'ana',
        language: 'en',
        voice: '@ana',
        ...usual,
        registered: true,
        inCall: false,
        edited: false,
      },
      {
        ...{ name: 'ben', language: 'en', voice: undefined, context: 'desk', codecs: ['opus', 'ulaw:40'] },
        ...{ encrypted: true, transport: 'tls', registered: false, inCall: true, edited: false },
      },
    ]);
  });

  it('change in what is written, and nothing of an old password is left', async () => {
    const { sorcery, book, add } = await start();
    await add('ana', { voice: 'nova' });
    const overwrite = false;
    const before = sorcery.kept.get('auth/ana');
    const changed = await book.update('ana', { language: 'es', voice: null }, { overwrite }, NEVER);
    assert.deepEqual([changed.language, changed.voice], ['es', undefined]);
    assert.equal(sorcery.kept.get('endpoint/ana')?.get('@dragoman_voice'), '');
    assert.equal(sorcery.kept.get('auth/ana'), before);
    before?.set('password_digest', 'MD5:old');
    await book.update('ana', {}, { password: new Secret('another-Horse-9'), overwrite }, NEVER);
    assert.equal(sorcery.kept.get('auth/ana')?.get('password_digest'), undefined);
    assert.notEqual(sorcery.kept.get('auth/ana')?.get('md5_cred'), before?.get('md5_cred'));
  });

  it('are refused twice, with what is wrong, and for who is not let in; then nothing is left', async () => {
    const { sorcery, book, add } = await start();
    sorcery.written.set('endpoint/desk', new Map());
    await add('ana');
    const before = [...sorcery.kept.keys()];
    await assert.rejects(add('ana'), refused('endpoint-exists', /there is a phone ana already/));
    await assert.rejects(add('desk'), refused('endpoint-exists', /there is a phone desk already/));
    await assert.rejects(
      add('ben', { encrypted: true }),
      refused('bad-endpoint', /no transport dragoman-tls/),
    );
    assert.throws(() => add('a;b'), refused('bad-endpoint', /the name of a phone/));
    await assert.rejects(
      book.remove('desk', AT_ONCE, NEVER),
      refused('no-such-endpoint', /of ours in Asterisk/),
    );
    sorcery.fails = 'PUT endpoint/ben';
    await assert.rejects(add('ben'), refused('asterisk-failed', /nothing is changed/));
    assert.deepEqual([...sorcery.kept.keys()], before);
    const stranger = await start(new Secret('guessed'));
    await assert.rejects(
      stranger.add('ana'),
      refused('asterisk-failed', /refuses the user or the password of ARI/),
    );
    await assert.rejects(stranger.book.list(NEVER), refused('asterisk-failed', /DRAGOMAN_ARI_PASSWORD/));
  });

  it('are hung up before they go, or stay while they are in a call', async () => {
    const { sorcery, book, add } = await start();
    await add('ana');
    sorcery.channels.set('1.0', 'PJSIP/ana-00000001').set('1.1', 'PJSIP/ana-2-00000002');
    await assert.rejects(
      book.remove('ana', { whenIdle: true }, NEVER),
      refused('in-call', /ana is in a call/),
    );
    assert.ok(sorcery.kept.has('endpoint/ana'));
    await book.remove('ana', AT_ONCE, NEVER);
    assert.deepEqual([...sorcery.channels.keys()], ['1.1']);
    assert.equal(sorcery.kept.size, 0);
  });

  it('are changed one after the other: of two that want a name one has it', async () => {
    const { sorcery, add } = await start();
    const outcomes = await Promise.allSettled([add('ana'), add('ana', { language: 'es' })]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'rejected'],
    );
    assert.equal(sorcery.kept.get('endpoint/ana')?.get('@dragoman_lang'), 'en');
  });

  it('say what Asterisk lacks for them', async () => {
    const { sorcery, asterisk, add } = await start();
    await asterisk.reload(NEVER);
    await assert.rejects(
      add('ana', { codecs: ['nosuch'] }),
      refused('bad-endpoint', /does not take it, .* a codec/),
    );
    assert.equal(sorcery.kept.size, 0);
    sorcery.keeps = false;
    await assert.rejects(add('ana'), refused('asterisk-failed', /Copy dialplan\/sorcery\.conf/));
    sorcery.close();
    await assert.rejects(asterisk.registered(NEVER), refused('asterisk-failed', /nothing is changed: ARI/));
  });
});
