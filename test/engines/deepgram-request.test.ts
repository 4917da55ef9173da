import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bothLanguages } from '../../src/engines/stt/deepgram/deepgram-languages.ts';
import { listenRequest } from '../../src/engines/stt/deepgram/listen-request.ts';

describe('two languages in one stream', () => {
  const cases = [
    { model: 'nova-3', pair: ['en', 'fr'], both: ['en', 'fr'] },
    { model: 'nova-3', pair: ['pt-BR', 'en-GB'], both: ['pt', 'en'] },
    { model: 'flux-general-multi', pair: ['en', 'fr'], both: ['en', 'fr'] },
    { model: 'nova-3', pair: ['en', 'pl'], both: undefined },
    { model: 'nova-2', pair: ['en', 'fr'], both: undefined },
    { model: 'nova-3-medical', pair: ['en', 'fr'], both: undefined },
    { model: 'flux-general-en', pair: ['en', 'fr'], both: undefined },
    { model: 'nova-3', pair: ['en', undefined], both: undefined },
  ] as const;
  for (const { model, pair, both } of cases) {
    it(`${both === undefined ? 'are not' : 'are'} told apart by ${model} for ${pair.join(' and ')}`, () => {
      assert.deepEqual(bothLanguages(model, pair[0], pair[1]), both);
    });
  }

  it('are asked for as Nova and as Flux want it', () => {
    const options = { language: 'en', both: ['en', 'fr'], terms: [] } as const;
    const nova = listenRequest({ ...options, model: 'nova-3' });
    assert.equal(nova.protocol === 'v1' ? nova.parameters.language : '', 'multi');
    const flux = listenRequest({ ...options, model: 'flux-general-multi' });
    assert.deepEqual(flux.protocol === 'v2' ? flux.parameters.language_hint : [], ['en', 'fr']);
    const plain = listenRequest({ ...options, both: undefined, model: 'nova-3' });
    assert.equal(plain.protocol === 'v1' ? plain.parameters.language : '', 'en');
  });
});
