import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { silentLog } from '../../../../src/base/log.ts';
import { readTokenFile, TokenFile, tokenFor } from '../../../../src/server/http/api/token-file.ts';
import { FakeClock } from '../../../base/fake-clock.ts';

const ONE = 'a-token-of-some-length';
const TWO = 'another-token-0123456789';

describe('the file of tokens', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dragoman-tokens-'));
  after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'tokens');
  const write = (text: string, mode = 0o640): string => {
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  };

  it('has a line for each who may do something', () => {
    const tokens = readTokenFile(write(`# who\n\n console ${ONE} read,captions \npbx\t${TWO}\tcontrol\n`));
    assert.deepEqual(
      tokens.map(({ name, token, scopes }) => [name, token.reveal(), [...scopes]]),
      [
        ['console', ONE, ['read', 'captions']],
        ['pbx', TWO, ['control']],
      ],
    );
  });

  it('has the token for whoever asks with it: of read, that of control does as well', () => {
    const one = readTokenFile(write(`pbx ${ONE} control,captions\n`));
    assert.equal(tokenFor('read', one)?.reveal(), ONE);
    const two = readTokenFile(write(`pbx ${ONE} control\nconsole ${TWO} read\n`));
    assert.equal(tokenFor('read', two)?.reveal(), TWO);
    const three = readTokenFile(write(`console ${TWO} read\n`));
    // The service says what that one lacks; without any it could only say that it knows nobody.
    assert.equal(tokenFor('control', three)?.reveal(), TWO);
  });

  it('is refused where others may read it, and says what to do', () => {
    assert.throws(() => readTokenFile(write(`console ${ONE} read`, 0o644)), /bad-option|chmod 640/);
  });

  it('is refused where it is none, with its line and without what stands there', () => {
    const lines = [
      `console ${ONE}`,
      `console short read`,
      `console ${ONE} write`,
      `a b c d`,
      `x ${ONE} read,`,
    ];
    for (const line of lines) {
      assert.throws(
        () => readTokenFile(write(`# a\n${line}`)),
        (error) =>
          error instanceof Error && /^line 2 of /.test(error.message) && !error.message.includes(ONE),
        line,
      );
    }
    assert.throws(() => readTokenFile(write('# nobody\n')), /holds no token/);
    assert.throws(() => readTokenFile(join(folder, 'none')), /cannot be read \(ENOENT\)/);
  });

  it('knows whose token it is, and is read again when it has changed', async () => {
    const clock = new FakeClock();
    const tokens = new TokenFile(write(`console ${ONE} read`), clock, silentLog);
    assert.equal(tokens.find(ONE)?.name, 'console');
    assert.equal(tokens.find(`${ONE}x`), undefined);
    write(`desk-of-bob ${TWO} control`);
    await clock.advance(999);
    assert.equal(tokens.find(TWO), undefined, 'it is looked at each time');
    await clock.advance(1);
    assert.equal(tokens.find(TWO)?.name, 'desk-of-bob');
    assert.equal(tokens.find(ONE), undefined, 'what was taken away still counts');
  });

  it('stays as it was while it cannot be read', async () => {
    const clock = new FakeClock();
    const tokens = new TokenFile(write(`console ${ONE} read`), clock, silentLog);
    write('half a li');
    await clock.advance(1_000);
    assert.equal(tokens.find(ONE)?.name, 'console');
    rmSync(path);
    await clock.advance(1_000);
    assert.equal(tokens.find(ONE)?.name, 'console');
    symlinkSync(path, path);
    await clock.advance(1_000);
    assert.equal(tokens.find(ONE)?.name, 'console', 'one that cannot even be looked at');
    rmSync(path);
  });

  it('is a plain file, and nothing huge: reading it would keep calls waiting', () => {
    assert.throws(() => readTokenFile(folder), /plain file/);
    assert.throws(() => readTokenFile(write(`console ${ONE} read\n`.repeat(3_000))), /up to 64 KiB/);
  });
});
