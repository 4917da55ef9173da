/**
 * What every translation engine keeps to, for English and Spanish.
 */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { MtEngine } from '../../src/engines/mt/mt-engine.ts';
import { testSignal } from './events.ts';

const NUMBERS = { two: 'dos', three: 'tres', four: 'cuatro', five: 'cinco', six: 'seis', seven: 'siete' };

/** What the texts of the suite mean, for the stand-ins of providers, which know no languages. */
const TRANSLATIONS: ReadonlyMap<string, string> = new Map([
  ['I would like to book a room for two nights', 'Me gustaría reservar una habitación para dos noches'],
  ['el hospital está cerca', 'the hospital is near'],
  ['good morning', 'buenos días'],
  ['yes', 'sí'],
  ...Object.entries(NUMBERS).map(([english, spanish]): [string, string] => [
    `${english} books`,
    `${spanish} libros`,
  ]),
]);

/** Translates the texts of the suite, and puts any other in brackets, for a stand-in. */
export function translateContractText(text: string): string {
  return TRANSLATIONS.get(text) ?? `[${text}]`;
}

/** @param create makes an engine; it is asked when the suite's tests begin, so what an outer `before` made is there. */
export function describeMtContract(name: string, create: () => MtEngine): void {
  describe(`${name} as a translation engine`, () => {
    let engine: MtEngine;
    before(() => {
      engine = create();
    });
    after(() => engine.close());

    function translate(text: string, from = 'en', to = 'es', signal = testSignal()): Promise<string> {
      return engine.translate({ text, from, to, context: [] }, signal);
    }

    it('supports English to Spanish and back, with regions, and says why it does not support others', async () => {
      assert.deepEqual(await engine.supports('en', 'es'), { supported: true });
      assert.deepEqual(await engine.supports('es-MX', 'en-GB'), { supported: true });
      const support = await engine.supports('en', 'qq');
      assert.equal(support.supported, false);
      assert.match(support.supported ? '' : support.reason, /en.*qq/);
    });

    it('translates both ways', async () => {
      assert.match(await translate('I would like to book a room for two nights'), /reservar .* dos noches/);
      assert.match(await translate('el hospital está cerca', 'es', 'en'), /hospital is near/);
    });

    it('answers each of many requests at once with its own translation', async () => {
      const answers = await Promise.all(Object.keys(NUMBERS).map((number) => translate(`${number} books`)));
      assert.deepEqual(
        answers.map((answer) => answer.toLowerCase()),
        Object.values(NUMBERS).map((number) => `${number} libros`),
      );
    });

    it('translates with or without what was said before', async () => {
      const context = ['Hello?', 'Who is it?'];
      const request = { text: 'good morning', from: 'en', to: 'es', context };
      assert.match(await engine.translate(request, testSignal()), /buenos días/i);
    });

    it('translates nothing to nothing', async () => {
      assert.equal(await translate(''), '');
      assert.equal(await translate(' \n '), '');
    });

    it('survives text that means something to its own format', async () => {
      for (const text of [
        'a\\b',
        '^book$',
        '<b>',
        '[x]',
        '{y}',
        'a/b',
        'me@here',
        'a\0b',
        'two\nlines',
        '$',
        '^',
        '5 ^',
        'hello^',
        'a\\',
        '😀',
      ]) {
        assert.equal(typeof (await translate(text)), 'string');
      }
      assert.match(await translate('good morning'), /buenos días/i);
    });

    it('abandons a request that is aborted, and answers the next one with its own translation', async () => {
      const controller = new AbortController();
      const reason = new Error('hung up');
      await translate('yes');
      const abandoned = assert.rejects(translate('the red house', 'en', 'es', controller.signal), reason);
      const next = translate('good morning');
      controller.abort(reason);
      await abandoned;
      assert.match(await next, /buenos días/i);
      await assert.rejects(translate('yes', 'en', 'es', AbortSignal.abort(reason)), reason);
    });

    it('refuses to translate after close', async () => {
      const closed = create();
      await closed.close();
      await closed.close();
      await assert.rejects(
        closed.translate({ text: 'yes', from: 'en', to: 'es', context: [] }, testSignal()),
        { code: 'closed' },
      );
    });
  });
}
