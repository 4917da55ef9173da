import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { endpointOf } from '../../../src/server/endpoints/endpoint.ts';
import {
  endpointBlock,
  endpointIn,
  FILE_HEAD,
  formatEndpoints,
  handWritten,
  isEdited,
  parseEndpoints,
  transportBlock,
  versionIn,
} from '../../../src/server/endpoints/endpoints-text.ts';

const CREDENTIAL = { realm: 'asterisk', md5: '0123456789abcdef0123456789abcdef' };
const ALICE = endpointOf({ name: 'alice', language: 'en' });
const BOB = endpointOf({
  ...{ name: 'bob', language: 'fr', voice: '@ana', context: 'desk', codecs: ['opus', 'ulaw:40'] },
  encrypted: true,
});
const ALICE_TEXT = `; >>> dragoman endpoint alice
[alice]
type = endpoint
context = phones
allow = !all,g722,alaw,ulaw
dtmf_mode = rfc4733
direct_media = no
aors = alice
auth = alice
set_var = DRAGOMAN_LANG=en
@dragoman_lang = en
@dragoman_voice =
@dragoman_version = VERSION
[alice]
type = aor
max_contacts = 1
remove_existing = yes
[alice]
type = auth
auth_type = md5
username = alice
realm = asterisk
md5_cred = 0123456789abcdef0123456789abcdef
`;

describe('the file of the phones', () => {
  it('has a block for each phone, word for word', () => {
    const text = formatEndpoints([endpointBlock(ALICE, CREDENTIAL)]);
    assert.match(text, /^; <<< dragoman endpoint alice [0-9a-f]{16}$/m);
    const version = versionIn(text);
    assert.match(version, /^[0-9a-f]{16}$/);
    assert.equal(text.replace(/^; <<<.*\n/m, '').replace(version, 'VERSION'), ALICE_TEXT);
  });

  it('has another version for whatever is changed of a phone, its password too', () => {
    const versions = [
      endpointBlock(ALICE, CREDENTIAL),
      endpointBlock({ ...ALICE, voice: 'nova' }, CREDENTIAL),
      endpointBlock({ ...ALICE, codecs: ['ulaw'] }, CREDENTIAL),
      endpointBlock(ALICE, { ...CREDENTIAL, md5: 'f'.repeat(32) }),
    ].map(({ text }) => versionIn(text));
    assert.equal(new Set(versions).size, 4);
    assert.equal(versionIn(endpointBlock(ALICE, CREDENTIAL).text), versions[0]);
    assert.equal(versionIn('[alice]\ntype = endpoint\n'), '');
  });

  it('has what encryption takes, and a voice, where they are wished for', () => {
    const { text } = endpointBlock(BOB, CREDENTIAL);
    for (const row of [
      'transport = dragoman-tls',
      'media_encryption = sdes',
      'media_encryption_optimistic = no',
      'rewrite_contact = yes',
      'set_var = DRAGOMAN_VOICE=@ana',
      '@dragoman_voice = @ana',
      'allow = !all,opus,ulaw:40',
    ]) {
      assert.ok(text.includes(`\n${row}\n`), row);
    }
  });

  it('is read as it was written, for every phone', () => {
    const pieces = [
      endpointBlock(ALICE, CREDENTIAL),
      endpointBlock(BOB, CREDENTIAL),
      transportBlock({ name: 'dragoman-tls', bind: '0.0.0.0:5061', certificate: '/a.crt', key: '/a.key' }),
    ];
    assert.deepEqual(parseEndpoints(formatEndpoints(pieces)), pieces);
    for (const endpoint of [ALICE, BOB]) {
      const { text } = endpointBlock(endpoint, CREDENTIAL);
      assert.deepEqual(endpointIn(endpoint.name, text), { endpoint, credential: CREDENTIAL });
    }
  });

  it('keeps what an operator wrote, wherever it stands, and knows its sections', () => {
    const hand = '; mine\n[alice](+)\nmailboxes = 1\n';
    const made = formatEndpoints([endpointBlock(ALICE, CREDENTIAL)]);
    const text = `${FILE_HEAD}${hand}${made}[carol]\n${formatEndpoints([endpointBlock(BOB, CREDENTIAL)])}; end\n`;
    const pieces = parseEndpoints(text);
    assert.equal(formatEndpoints(pieces), text);
    assert.deepEqual([...handWritten(pieces)], ['alice', 'carol']);
    assert.deepEqual(
      pieces.map(({ type }) => type),
      ['hand', 'endpoint', 'hand', 'endpoint', 'hand'],
    );
  });

  it('knows a block that somebody has changed by hand', () => {
    const text = formatEndpoints([endpointBlock(ALICE, CREDENTIAL)]);
    const [unchanged] = parseEndpoints(text);
    assert.equal(unchanged?.type === 'endpoint' && isEdited(unchanged), false);
    const [piece] = parseEndpoints(text.replace('context = phones', 'context = desk\ncall_group = 1'));
    assert.ok(piece?.type === 'endpoint' && isEdited(piece));
    // Written again, it is not taken for ours.
    const [again] = parseEndpoints(formatEndpoints([piece]));
    assert.ok(again?.type === 'endpoint' && isEdited(again));
    assert.equal(endpointIn('alice', piece.text).endpoint.context, 'desk');
  });

  const one = formatEndpoints([endpointBlock(ALICE, CREDENTIAL)]);
  for (const [what, text, line] of [
    ['a block that does not end', ALICE_TEXT, 23],
    ['an end without a beginning', one.split('\n').slice(1).join('\n'), 23],
    ['a block within a block', `${ALICE_TEXT}${one}`, 24],
    ['an end of another name', one.replace('<<< dragoman endpoint alice', '<<< dragoman endpoint bob'), 24],
    ['an end without its digest', one.replace(/( alice) [0-9a-f]{16}$/m, '$1'), 24],
    ['line ends of Windows', one.replaceAll('\n', '\r\n'), 1],
  ] as const) {
    it(`is refused with ${what}, and which line it is`, () => {
      assert.throws(() => parseEndpoints(text), new RegExp(`damaged at line ${line}: `));
    });
  }

  it('is empty where it is', () => {
    assert.deepEqual(parseEndpoints(''), []);
    assert.equal(formatEndpoints([]), '');
  });
});
