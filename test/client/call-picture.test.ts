import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CallPicture, callPicture } from '../../src/client/call-picture.ts';
import type { ReportedUtterance } from '../../src/client/call-report.ts';
import { escapeXml, textLines } from '../../src/client/svg-text.ts';
import { waveformPath } from '../../src/client/waveform-path.ts';
import { silence, sine } from '../asterisk/audio.ts';

const SOUND = { pcm: sine(300, 5_000, 8_000), rateHz: 8_000, startMs: 0 };
const QUIET = { pcm: silence(5_000, 8_000), rateHz: 8_000, startMs: 3 };

const UTTERANCE: ReportedUtterance = {
  party: 'a',
  outcome: 'spoken',
  source: { language: 'en', text: 'is 1 < 2 & "so on"?', startMs: 100, endMs: 2_000 },
  target: { language: 'es', text: '¿es 1 < 2?', startMs: 3_000, endMs: 4_500 },
  segments: [{ source: 'is 1 < 2 & "so on"?', target: '¿es 1 < 2?', startMs: 3_000 }],
  startOffsetMs: 2_900,
  stages: { endpointMs: 400, sttMs: 300, mtMs: 100, ttsMs: 190, playoutMs: 10, endToEndMs: 1_000 },
};

const PICTURE: CallPicture = {
  callId: '0f8e7c12-1111-2222-3333-44445555666',
  startedAt: '2026-01-01T10:00:00.000Z',
  durationMs: 5_000,
  parties: [
    { name: 'a', language: 'en', speaks: SOUND, hears: QUIET },
    { name: 'b', language: 'es', speaks: QUIET, hears: SOUND },
  ],
  utterances: [UTTERANCE],
};

function countOf(text: string, part: string): number {
  return text.split(part).length - 1;
}

/** Throws unless every element is closed in order and no bare < or & is left: enough of XML for what we write. */
function assertWellFormed(svg: string): void {
  const open: string[] = [];
  assert.doesNotMatch(svg, /&(?!(amp|lt|gt|quot);)/);
  assert.doesNotMatch(svg, /NaN|undefined|Infinity/);
  for (const [, close, name, self] of svg.matchAll(/<(\/?)([a-zA-Z]+)(?:\s[^<>]*?)?(\/?)>/g)) {
    if (close === '/') {
      assert.equal(open.pop(), name);
    } else if (self !== '/') {
      open.push(name ?? '');
    }
  }
  assert.deepEqual(open, []);
  assert.equal(countOf(svg, '<'), [...svg.matchAll(/<\/?[a-zA-Z]+(?:\s[^<>]*?)?\/?>/g)].length);
}

describe('callPicture', () => {
  it('is well-formed and has four lanes, five stages and the lag in words', () => {
    const svg = callPicture(PICTURE);
    assertWellFormed(svg);
    for (const text of [
      'a says',
      'b hears',
      'b says',
      'a hears',
      '1.00 s',
      'endpoint 400 ms',
      'playout 10 ms',
    ]) {
      assert.equal(countOf(svg, `>${text}<`), 1, text);
    }
    assert.match(svg, /^<svg [^>]*width="1200"/);
    assert.doesNotMatch(svg, /href|<script|<image/);
  });

  it('tells how soon a translation was that began while the speaker was still speaking', () => {
    const early: ReportedUtterance = {
      ...UTTERANCE,
      target: { ...UTTERANCE.target, startMs: 1_300, endMs: 2_600 },
      segments: [
        { source: 'is 1 <', target: '¿es 1', startMs: 1_300 },
        { source: '2', target: '< 2?', startMs: 2_000 },
      ],
      startOffsetMs: 1_200,
      stages: { endToEndMs: -150 },
    };
    const svg = callPicture({ ...PICTURE, utterances: [early] });
    assertWellFormed(svg);
    // Above the first sound, at 1.3 s.
    assert.match(svg, /<text x="389\.7" y="234\.0"[^>]*>1\.20 s</);
    // Each segment has a box of its own, up to the next: 0.7 s and 0.6 s of 5 s that are 1,072 wide.
    const boxes = [...svg.matchAll(/<title>(¿es 1|&lt; 2\?)<\/title>/g)].map(([, text]) => text);
    assert.deepEqual(boxes, ['¿es 1', '&lt; 2?']);
    assert.match(svg, /<rect x="382\.7" y="241" width="150\.1"/);
    assert.match(svg, /<rect x="532\.8" y="241" width="128\.6"/);
    assert.match(svg, /first translated sound after 1\.20 s \(median\)/);
    assert.doesNotMatch(svg, /width="-/);
  });

  it('escapes what was said', () => {
    assert.match(callPicture(PICTURE), />is 1 &lt; 2 &amp; &quot;so on&quot;\?</);
  });

  it('draws calls without utterances, without sound, and utterances that were not played', () => {
    const none = { pcm: new Int16Array(0), rateHz: 8_000, startMs: 0 };
    const empty = callPicture({
      ...PICTURE,
      durationMs: 0,
      parties: [
        { name: 'a', language: undefined, speaks: none, hears: none },
        { name: 'b', language: undefined, speaks: none, hears: none },
      ],
      utterances: [],
      captions: 'not shared <by> the server',
    });
    assertWellFormed(empty);
    assert.match(empty, /no captions: not shared &lt;by&gt; the server/);
    const { source } = UTTERANCE;
    const lost = {
      ...UTTERANCE,
      outcome: 'failed',
      target: { language: 'es', text: '' },
      stages: {},
      source,
    } as const;
    assertWellFormed(callPicture({ ...PICTURE, utterances: [lost] }));
  });

  it('draws for each who speaks in a conference a way for each language it was heard in', () => {
    const [a, b] = PICTURE.parties;
    assert.ok(a !== undefined && b !== undefined);
    const french = { ...UTTERANCE, target: { ...UTTERANCE.target, language: 'fr', text: '1 < 2 ?' } };
    const svg = callPicture({
      ...PICTURE,
      parties: [a, b, { ...b, name: 'c' }, { ...b, name: 'd', language: 'fr' }],
      utterances: [UTTERANCE, french],
    });
    assertWellFormed(svg);
    assert.equal(countOf(svg, '>a says<'), 2, 'once for each language');
    assert.equal(countOf(svg, '>b, c hear<'), 1);
    assert.equal(countOf(svg, '>d hears<'), 1);
    assert.equal(countOf(svg, '>c says<'), 0, 'who said nothing has no lane');
  });

  it('draws who is heard only as they are, above those who share the language', () => {
    const svg = callPicture({
      ...PICTURE,
      parties: [...PICTURE.parties, { name: 'c', language: 'es', speaks: SOUND, hears: SOUND }],
    });
    assertWellFormed(svg);
    assert.deepEqual([countOf(svg, '>c says<'), countOf(svg, '>b hears<')], [1, 1]);
    assert.equal(countOf(svg, '>b, c hear<'), 1);
  });

  it('grows wider with a long call, so that a second stays visible', () => {
    const [, width] = /width="(\d+)"/.exec(callPicture({ ...PICTURE, durationMs: 300_000 })) ?? [];
    assert.ok(Number(width) > 5_000);
  });
});

describe('waveformPath', () => {
  const box = { left: 10, width: 4, middle: 50, height: 20 };

  it('goes along the maxima and back along the minima, the loudest at full height', () => {
    const pcm = Int16Array.of(0, 0, 16_384, -8_192, 0, 0, 0, 0);
    assert.equal(
      waveformPath(pcm, box),
      'M10.0 49.5L11.0 29.5L12.0 49.5L13.0 49.5L13.0 50.5L12.0 50.5L11.0 60.5L10.0 50.5Z',
    );
  });

  it('does not blow up what is quiet, and draws nothing of nothing', () => {
    assert.equal(waveformPath(Int16Array.of(10), { ...box, width: 1 }), 'M10.0 49.3L10.0 50.5Z');
    assert.equal(waveformPath(new Int16Array(0), box), '');
  });
});

describe('textLines', () => {
  it('breaks between words and ends with an ellipsis when something was cut', () => {
    assert.deepEqual(textLines('he was not an ill man', 10, 3), ['he was not', 'an ill man']);
    assert.deepEqual(textLines('he was not an ill disposed man', 10, 2), ['he was not', 'an ill di…']);
    assert.deepEqual(textLines('unbreakable', 5, 3), ['unbr…']);
    assert.deepEqual(textLines('no room', 1, 3), []);
    assert.deepEqual(textLines('', 10, 3), []);
  });
});

describe('escapeXml', () => {
  it('leaves nothing that XML cannot hold', () => {
    assert.equal(escapeXml('a\u0000b\ud800c\u001b<&>"'), 'a?b\ufffdc?&lt;&amp;&gt;&quot;');
    assert.equal(escapeXml('\u009b2J\u202eabc'), '?2J?abc');
    assert.equal(escapeXml('¿qué? 👋'), '¿qué? 👋');
  });
});
