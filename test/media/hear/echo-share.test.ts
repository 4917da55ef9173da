import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadMediaModules } from '../../../src/media/dsp/wasm.ts';
import { EchoShare } from '../../../src/media/hear/echo-share.ts';
import { concatPcm, noise, silence } from '../../asterisk/audio.ts';
import { ListeningLeg } from '../listening-leg.ts';
import { spokenPieces } from '../spoken-pieces.ts';
import { echoOf, mixed, throughMuLaw } from '../telephone-path.ts';

const RATE_HZ = 8_000;
/** What an echo that slipped through has at least; see `leave-alone`. */
const ECHO_SHARE = 0.4;
const LEVELS_DB = [-6, -12, -18, -24, -30] as const;
const modules = await loadMediaModules();
const pieces = spokenPieces(modules, 2);

function shareOf(frames: string): number {
  const share = new EchoShare();
  share.push('echo');
  share.begin(3);
  for (const frame of frames) {
    share.push(frame === 'o' ? 'own' : frame === 'e' ? 'echo' : 'none');
  }
  return share.share;
}

/** What becomes an utterance of `heard`, by the shares of echo in them. */
function sharesOf(heard: Int16Array, played: Int16Array): readonly number[] {
  const leg = new ListeningLeg(modules, RATE_HZ);
  const hiss = noise(heard.length / 8, RATE_HZ, 0.00138);
  leg.hear(throughMuLaw(mixed([heard, hiss])), played);
  leg.close();
  return leg.utterances.map(({ echoShare }) => echoShare);
}

/** A loudspeaker that is driven far too hard. */
function overdriven(pcm: Int16Array): Int16Array {
  const most = 0.02 * pcm.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 1);
  return pcm.map((sample) => Math.round(most * Math.tanh(sample / most)));
}

describe('the share of echo', () => {
  it('is that of the voiced frames since the utterance began, its first three its own', () => {
    assert.equal(shareOf(''), 0);
    assert.equal(shareOf('ooooo'), 0);
    assert.equal(shareOf('eee'), 0.5);
    assert.equal(shareOf('e--eo-e--'), 3 / 7);
  });

  it('leaves out echo that comes when the voice has been silent for 200 ms', () => {
    assert.equal(shareOf(`${'e'.repeat(10)}${'e'.repeat(20)}`), 10 / 13);
    assert.equal(shareOf(`${'-'.repeat(10)}eee`), 0);
    assert.equal(shareOf(`${'-'.repeat(10)}eoe`), 1 / 5);
  });

  it('is high in what slips through of the echo of an overdriven loudspeaker', () => {
    const shares = pieces.slice(0, 20).flatMap(({ pcm }, seed) => {
      const played = concatPcm(silence(800, RATE_HZ), pcm);
      const path = { delayMs: 150, levelDb: -6, place: 'handset', seed } as const;
      return sharesOf(overdriven(echoOf(played, path)), played);
    });
    assert.ok(shares.length > 0, 'nothing slipped through');
    assert.ok(
      shares.every((share) => share >= ECHO_SHARE),
      shares.join(' '),
    );
  });

  for (const levelDb of LEVELS_DB) {
    it(`tells who says the same words into its last ones from the echo, ${-levelDb} dB down`, () => {
      for (const [seed, { pcm }] of pieces.slice(0, 4).entries()) {
        const played = concatPcm(silence(800, RATE_HZ), pcm);
        const echo = echoOf(played, { delayMs: 150, levelDb, place: 'handset', seed });
        assert.ok(
          sharesOf(echo, played).every((share) => share >= ECHO_SHARE),
          'the echo alone',
        );
        // They begin when 85 % have been said.
        const saidFromMs = 800 + (pcm.length / 8) * 0.85;
        const heard = mixed([echo, concatPcm(pcm, silence(800, RATE_HZ))], [0, saidFromMs]);
        const shares = sharesOf(heard, played);
        assert.ok(
          shares.some((share) => share < ECHO_SHARE),
          shares.join(' '),
        );
      }
    });
  }
});
