import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PortPairing } from '../../src/call/pairing/port-pairing.ts';
import { SuffixPairing } from '../../src/call/pairing/suffix-pairing.ts';

const EN_ES = { first: 'en', second: 'es' };
const ES_EN = { first: 'es', second: 'en' };
const CALL = '40325ec2-5efd-4bd3-805f-53576e581d1';

describe('SuffixPairing', () => {
  it("puts the first party at 0 and the second at 1, each in its language, by the UUID's last digit", () => {
    const pairing = new SuffixPairing();
    assert.deepEqual(pairing.place(`${CALL}0`, EN_ES), { callId: CALL, leg: 0, language: 'en' });
    assert.deepEqual(pairing.place(`${CALL}1`, EN_ES), { callId: CALL, leg: 1, language: 'es' });
  });

  it('does not care who comes first, nor what was before', () => {
    const pairing = new SuffixPairing();
    assert.deepEqual(pairing.place(`${CALL}1`, EN_ES), { callId: CALL, leg: 1, language: 'es' });
    pairing.ended();
    assert.deepEqual(pairing.place(`${CALL}0`, EN_ES), { callId: CALL, leg: 0, language: 'en' });
  });

  it('refuses every other digit, says so and shows what to write in the dialplan', () => {
    for (const digit of '23456789abcdef') {
      const refusal = new SuffixPairing().place(`${CALL}${digit}`, EN_ES);
      assert.ok('refused' in refusal);
      assert.equal(refusal.refused, 'unknown-leg-number');
      assert.ok(refusal.explanation.includes(`ends with ${digit}`));
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what the dialplan says.
      assert.ok(refusal.explanation.includes('${CALL:0:35}1'));
    }
  });
});

describe('PortPairing', () => {
  it('lets two meet who come in by doors with the same languages the other way round', () => {
    const pairing = new PortPairing();
    assert.deepEqual(pairing.place('a', EN_ES), { callId: 'a', leg: 0, language: 'en' });
    assert.deepEqual(pairing.place('b', ES_EN), { callId: 'a', leg: 1, language: 'es' });
  });

  it('pairs in order of arrival', () => {
    const pairing = new PortPairing();
    const callOf = (uuid: string, pair: typeof EN_ES): string => pairing.place(uuid, pair).callId;
    assert.deepEqual(
      [callOf('a', EN_ES), callOf('b', EN_ES), callOf('c', ES_EN), callOf('d', ES_EN)],
      ['a', 'b', 'a', 'b'],
    );
  });

  it('keeps apart who speaks other languages', () => {
    const pairing = new PortPairing();
    pairing.place('a', EN_ES);
    assert.equal(pairing.place('b', { first: 'fr', second: 'en' }).callId, 'b');
    assert.equal(pairing.place('c', { first: 'es', second: 'fr' }).callId, 'c');
  });

  it('lets two meet who speak the same language', () => {
    const pairing = new PortPairing();
    pairing.place('a', { first: 'en', second: 'en' });
    assert.equal(pairing.place('b', { first: 'en', second: 'en' }).callId, 'a');
  });

  it('lets nobody meet one who has gone', () => {
    const pairing = new PortPairing();
    pairing.place('a', EN_ES);
    pairing.ended('a');
    assert.deepEqual(pairing.place('b', ES_EN), { callId: 'b', leg: 0, language: 'es' });
    pairing.ended('never heard of');
    assert.equal(pairing.place('c', EN_ES).callId, 'b');
  });

  it('does not let a third join two who have met', () => {
    const pairing = new PortPairing();
    pairing.place('a', EN_ES);
    pairing.place('b', ES_EN);
    assert.equal(pairing.place('c', ES_EN).callId, 'c');
  });
});
