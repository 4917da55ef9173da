/** Where `dragoman status` asks, by what is written and where. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Environment } from '../../src/cli/config/environment.ts';
import { formatHostPort } from '../../src/cli/config/values.ts';
import { statusAddress, type WrittenAddress } from '../../src/cli/status-address.ts';

const NO_SERVICE = '/does/not/exist.yaml';

describe('the address that status asks at', () => {
  const folder = mkdtempSync(join(tmpdir(), 'status-address-'));
  after(() => rmSync(folder, { recursive: true }));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const service = file('service.yaml', 'pair: en:es\nhttp: 127.0.0.1:3001\n');
  const other = file('other.yaml', 'http: "[::]:3002"\n');
  const find = (written: WrittenAddress, environment: Environment, yaml = service): string =>
    formatHostPort(statusAddress(written, environment, yaml).address);

  it('is of the flag, else of the variable, the file that is named, the service, the default', () => {
    const environment = { DRAGOMAN_HTTP: '10.0.0.1:3003', DRAGOMAN_CONFIG: other };
    assert.equal(find({ http: '10.0.0.1:3004', config: other }, environment), '10.0.0.1:3004');
    assert.equal(find({ config: service }, environment), '10.0.0.1:3003');
    assert.equal(find({ config: service }, { DRAGOMAN_CONFIG: other }), '127.0.0.1:3001');
    assert.equal(find({}, { DRAGOMAN_CONFIG: other }), '[::1]:3002');
    assert.equal(find({}, {}), '127.0.0.1:3001');
    assert.equal(find({}, {}, NO_SERVICE), '127.0.0.1:3000');
    assert.equal(find({}, {}, file('silent.yaml', 'pair: en:es\n')), '127.0.0.1:3000');
  });

  it('may be written as a URL', () => {
    assert.equal(find({ http: 'http://10.0.0.1:3000/' }, {}), '10.0.0.1:3000');
  });

  it('is refused where HTTP is off, where it is none, and where the file that is named cannot be read', () => {
    const off = file('off.yaml', 'http: off\n');
    assert.throws(() => find({}, {}, off), /http in .*off\.yaml: HTTP is off, .* write an address there/);
    assert.throws(() => find({ http: '3000' }, {}), /^AppError: --http: "3000" is not an address/);
    assert.throws(() => find({ config: NO_SERVICE }, {}), /--config: .* there is no such file/);
  });

  it("passes over the service's own file when it is broken: the service cannot run with it", () => {
    assert.equal(find({}, {}, file('broken.yaml', 'http: [\n')), '127.0.0.1:3000');
  });

  it('says where an address is from at which nobody answers, and where to look', () => {
    const hintOf = (written: WrittenAddress, yaml: string): string => statusAddress(written, {}, yaml).hint;
    assert.match(hintOf({}, service), /^ \(http in .*service\.yaml\); .*journalctl -u dragoman/);
    assert.equal(hintOf({ http: '10.0.0.1:3000' }, NO_SERVICE), '');
  });
});
