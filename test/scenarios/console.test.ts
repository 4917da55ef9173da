/** The console in a real browser, beside a whole server with calls on it. */

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium, type Page } from 'playwright-core';
import { z } from 'zod';
import { systemClock } from '../../src/base/clock.ts';
import { concatPcm, silence } from '../asterisk/audio.ts';
import type { StrictAsterisk } from '../asterisk/strict-asterisk.ts';
import { voiceLike } from '../media/voice-like.ts';
import { FakeNodes } from '../server/http/fake-nodes.ts';
import { callOf } from '../server/http/fake-server-view.ts';
import { closeHttp, startHttp } from '../server/http/start-http.ts';
import { detailOf, keepDetails, transcriptOf } from '../server/records/details.ts';
import { chromiumProgram, NEEDS_CHROMIUM } from '../support/chromium.ts';
import { eventually } from '../support/waiting.ts';
import { ConsoleServer, RENDERED, SAID } from './console-server.ts';
import { endOf } from './harness.ts';

const LIMIT_MS = 90_000;
const WIDE = { width: 1_280, height: 800 };
/** The least that WCAG 2.2 wants a page to do with (reflow). */
const NARROW = { width: 320, height: 640 };
const RATE_HZ = 16_000;
/** After so long somebody has ended who speaks, in ms. */
const AGAIN_MS = 3_500;
const TOKEN = 'a-token-of-some-length';

const PAINTED = "performance.getEntriesByName('first-contentful-paint').length > 0";

const FIRST_PAINT_AND_SIZES = `[
  performance.getEntriesByName('first-contentful-paint')[0].startTime,
  ...[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .filter(({ name }) => !/api|status/.test(name))
    .map(({ encodedBodySize }) => encodedBodySize),
]`;

// Asked again and again from here: the page's own policy lets nothing in it wait for a text that is code.
const METER_MOVES = "/scaleX\\(0\\.[1-9]/.test(document.querySelector('.meter i').getAttribute('style'))";
const ROW_FOCUSED = "document.activeElement.closest('tr') !== null";

const program = chromiumProgram();

describe('the console in Chromium', { skip: program === undefined && NEEDS_CHROMIUM }, () => {
  let server: ConsoleServer;
  let browser: Browser;
  before(async () => {
    server = await ConsoleServer.open();
    browser = await chromium.launch({
      ...(program === undefined ? {} : { executablePath: program }),
      args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
    });
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  /** A page of its own that has shown the console; what its console says against it fails the test. */
  async function open(viewport = WIDE, url = server.url) {
    // A colour that is halfway to another one is no fault, and on a busy machine it stays there.
    const context = await browser.newContext({ viewport, colorScheme: 'light', reducedMotion: 'reduce' });
    const page = await context.newPage();
    page.setDefaultTimeout(LIMIT_MS);
    const faults: string[] = [];
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    page.on('pageerror', (error) => faults.push(error.message));
    await page.goto(url);
    const close = async (): Promise<void> => {
      await context.close();
      assert.deepEqual(faults, []);
    };
    return { page, close };
  }

  it('shows what is kept of a call that is over, with its words side by side, and removes it', async (t) => {
    const call = '0011223344556677';
    const kept = await keepDetails(t, [detailOf(call, { transcripts: ['en', 'es'] })]);
    await kept.said(transcriptOf(call, 'Where does it hurt?', '¿Dónde le duele?'));
    const { url } = await startHttp({}, { records: kept.records });
    try {
      const { page, close } = await open(WIDE, url('/'));
      await page.getByRole('link', { name: 'Records' }).click();
      await page.locator('tr.opens').getByText('a: peer-hangup').waitFor();
      await faultless(page);
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Call 00112233' }).waitFor();
      await page.locator('td[lang=en]').getByText('Where does it hurt?').waitFor();
      await page.locator('td[lang=es] i').getByText('¿Dónde le duele?').waitFor();
      await page.getByText('4 spoken, 1 failed; delay 500 ms').waitFor();
      await faultless(page);
      await page.getByRole('button', { name: 'Remove …' }).click();
      await page.getByRole('button', { name: 'Remove for good' }).click();
      await page.getByText('Nothing is kept yet').waitFor();
      assert.equal(await kept.records.find(call), undefined);
      await close();
    } finally {
      await closeHttp();
    }
  });

  it('shows a call as it comes, opens it by keyboard, and ends it by a button', async () => {
    const { page, close } = await open();
    await page.getByText('No call runs at the moment').waitFor();
    const [a, b] = await server.ring();
    const row = page.locator('tr.opens');
    await row.waitFor();
    assert.equal(await row.count(), 1);

    // What is so for as long as somebody speaks, a browser that is late does not see the first time.
    await speakUntil(a, 'the row says so', () => row.getByText('speaking').isVisible());
    await speakUntil(a, 'a meter moves', () => page.evaluate<boolean>(METER_MOVES));
    await row.getByText(SAID).waitFor();
    await row.getByText(RENDERED).waitFor();
    await faultless(page);

    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /^Call [0-9a-f]{8}/ }).waitFor();
    const captions = page.locator('.captions');
    await captions.locator('td[lang=en]').getByText(SAID).first().waitFor();
    await captions.locator('td[lang=fr]').getByText(RENDERED).first().waitFor();
    await page.locator('.falls rect.playing').first().waitFor();
    await page.locator('.happenings').getByText('is interpreted').first().waitFor();
    await faultless(page);

    await page.keyboard.press('Escape');
    await row.waitFor();
    await eventually('the row has the focus again', LIMIT_MS, () => page.evaluate<boolean>(ROW_FOCUSED));
    await page.keyboard.press('Enter');

    await page.getByRole('button', { name: 'Translation off' }).click();
    await page.getByRole('button', { name: 'Translation off', pressed: true }).waitFor();
    await page.getByRole('button', { name: 'Translation off' }).click();
    await page.getByRole('button', { name: 'Translation off', pressed: false }).waitFor();

    await page.getByLabel('Tell a party something').fill('one moment please');
    await page.getByRole('button', { name: 'Say' }).click();
    await page.locator('.happenings').getByText('is to be told is finished').waitFor();

    const hangUp = page.getByRole('button', { name: 'Hang up' }).first();
    await hangUp.click();
    await page.getByRole('button', { name: 'Hang up all?' }).click();
    await Promise.all([a, b].map((leg) => endOf(leg)));
    await page.getByText('It stays among the').waitFor();

    await page.getByRole('link', { name: 'Ended', exact: false }).first().click();
    await page.locator('tr.opens').waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const place = page.getByRole('slider', { name: 'Place in the call' });
    await place.waitFor();
    await page.locator('.axis rect.speech').first().waitFor();
    await place.press('Home');
    await page.locator('.captions tr.to-come').first().waitFor();
    await page.getByRole('button', { name: '16 ×' }).click();
    await page.locator('.captions tr.past').first().waitFor();
    await faultless(page);
    await close();
  });

  it('tries an engine, takes it out and puts it back', async () => {
    const { page, close } = await open(WIDE, `${server.url}#/engines`);
    const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: 'deepl' }) });
    await page.getByRole('button', { name: 'Test now: deepl' }).click();
    await page.getByText('works', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Take out: deepl', pressed: false }).click();
    await row.getByText('taken out').waitFor();
    await faultless(page);
    await page.getByRole('button', { name: 'Take out: deepl', pressed: true }).click();
    await page.getByRole('button', { name: 'Take out: deepl', pressed: false }).waitFor();
    await close();
  });

  it('shows the nodes that serve together, and has one take no new calls and take them again', async (test) => {
    test.after(closeHttp);
    const nodes = new FakeNodes();
    const { url } = await startHttp({}, { nodes });
    const [self, , third] = nodes.current;
    assert.ok(self !== undefined && third !== undefined);
    nodes.current[2] = { ...third, version: '1.2.2' };
    const { page } = await open(NARROW, url('/'));
    await page.getByRole('link', { name: 'Nodes' }).click();
    await page.getByRole('status').getByText('1 of 3 up; draining: two; lost: three').waitFor();
    const row = (name: string) =>
      page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: new RegExp(`^${name} `) }) });
    await row('one').getByText('this one').waitFor();
    await row('one').getByText('4 of 200').waitFor();
    await row('three').getByText('other version').waitFor();
    await row('three').getByText('for 1:01').waitFor();
    assert.deepEqual(
      [await row('three').getByRole('button').count(), await page.getByText('other version').count()],
      [0, 1],
    );
    await fits(page);
    await faultless(page);

    await page.getByRole('button', { name: 'Drain: one' }).press('Enter');
    const sure = page.getByRole('button', { name: 'Drain one?' });
    await fits(page);
    assert.equal(nodes.held.length, 0);
    await sure.press('Enter');
    await eventually('it is drained', LIMIT_MS, () => nodes.held.length === 1);
    nodes.current[0] = { ...self, state: 'draining' };
    await page.getByRole('status').getByText('0 of 3 up; draining: one, two; lost: three').waitFor();
    nodes.answers = 'no-answer';
    await page.getByRole('button', { name: 'Enable: one' }).click();
    await row('one').getByRole('alert').getByText('the node has not said that it does so').waitFor();
    assert.deepEqual(
      nodes.held.map(([name, held]) => [name, held]),
      [
        ['one', true],
        ['one', false],
      ],
    );
    await fits(page);
    nodes.link = { connected: false, trouble: 'connection refused' };
    await page.getByRole('alert').getByText('NATS is away').waitFor();
    await faultless(page);
    await page.context().close();
  });

  it('fits a narrow window, and can be read in the dark', async () => {
    const [a, b] = await server.ring();
    const { page, close } = await open(NARROW);
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.locator('tr.opens').waitFor();
    await fits(page);
    await faultless(page);
    await page.locator('tr.opens a').click();
    const rendered = page.locator('.captions td[lang=fr]').getByText(RENDERED).first();
    await speakUntil(a, 'it is rendered', () => rendered.isVisible());
    await page.locator('.falls rect.playing').first().waitFor();
    await fits(page);
    await faultless(page);
    await page.getByRole('link', { name: 'Engines' }).click();
    await page.getByRole('rowheader', { name: /^vosk/ }).waitFor();
    assert.equal(await page.getByRole('link', { name: 'Nodes' }).count(), 0, 'it serves alone');
    await fits(page);
    await faultless(page);
    await close();
    a.hangUp();
    b.hangUp();
    await endOf(b);
  });

  it('asks for a token where the server wants one, and shows what it lets one see', async (test) => {
    const folder = await mkdtemp(join(tmpdir(), 'dragoman-console-'));
    const tokenFile = join(folder, 'tokens');
    await writeFile(tokenFile, `console ${TOKEN} read\n`, { mode: 0o600 });
    test.after(async () => {
      await closeHttp();
      await rm(folder, { recursive: true });
    });
    const { view, url, clock } = await startHttp({ tokenFile });
    view.running = [callOf('one')];
    const { page } = await open(WIDE, url('/'));
    const token = page.getByLabel('Token');
    await token.fill('another-token-that-is-wrong');
    await faultless(page);
    await token.press('Enter');
    await page.getByText('does not know this token').waitFor();
    await token.fill(TOKEN);
    await page.getByRole('button', { name: 'Open the console' }).click();
    await page.locator('tr.opens').waitFor();
    await page.reload();
    await page.locator('tr.opens').waitFor();
    await page.locator('tr.opens a').click();
    // What would be refused is not offered, and why is said; elsewhere, too.
    const off = page.getByRole('button', { name: 'Translation off' });
    await page.getByText('The token "console" may look, and change nothing').waitFor();
    assert.ok(await off.isDisabled(), 'who may only look changes nothing');
    await faultless(page);
    // It is looked for once a second, which the test's clock has to say.
    await writeFile(tokenFile, `console ${TOKEN} read,control\n`, { mode: 0o600 });
    await clock.advance(2_000);
    await page.reload();
    await eventually('it can be used', LIMIT_MS, () => off.isEnabled());
    assert.equal(await page.getByText('may look, and change nothing').count(), 0);
    await off.click();
    await eventually('it is changed', LIMIT_MS, () => view.done.length === 1);
    await page.context().close();
  });

  it('changes nothing that another console has changed meanwhile, and shows how the call is now', async (test) => {
    test.after(closeHttp);
    const { view, url } = await startHttp();
    const call = callOf('one');
    view.running = [call];
    const { page } = await open(WIDE, url('/'));
    const asked = page.waitForResponse(/\/api\/v1\/calls\/[0-9a-f]+$/);
    await page.locator('tr.opens a').click();
    await asked;
    // Without a word to anybody, so that this page does not know.
    view.running = [{ ...call, version: 2, plan: { ...call.plan, original: 'full' } }];
    await page.getByRole('button', { name: 'Translation off' }).click();
    await page.getByRole('alert').getByText('Somebody else has changed the call meanwhile').waitFor();
    assert.equal(await page.getByLabel('Own voices').inputValue(), 'full');
    assert.deepEqual(view.done, []);
    await page.getByRole('button', { name: 'Translation off' }).click();
    await eventually('it is changed', LIMIT_MS, () => view.done.length === 1);
    assert.deepEqual(view.done, [['changeCall', 'one', { translating: false }]]);
    await faultless(page);
    await page.context().close();
  });

  it('is drawn from less than 150 kB', async () => {
    const { page, close } = await open();
    await page.getByRole('heading', { name: 'Calls' }).waitFor();
    // What is there is not yet painted.
    await eventually('something is painted', LIMIT_MS, () => page.evaluate<boolean>(PAINTED));
    const [firstMs, ...sizes] = z.array(z.number()).parse(await page.evaluate(FIRST_PAINT_AND_SIZES));
    const bytes = sizes.reduce((sum, each) => sum + each, 0);
    assert.ok(bytes > 5_000 && bytes < 150_000, `${bytes} bytes`);
    // How soon is for the bench to say.
    assert.ok(firstMs !== undefined && firstMs > 0, 'nothing was painted');
    await close();
  });
});

/** Three seconds: a moment, a voice, and a pause. */
function speak(leg: StrictAsterisk): void {
  leg.speak(concatPcm(silence(300, RATE_HZ), voiceLike(1_200, RATE_HZ), silence(1_500, RATE_HZ)));
}

/** The same again and again, until something is `seen`. */
async function speakUntil(leg: StrictAsterisk, what: string, seen: () => Promise<boolean>): Promise<void> {
  let spokenMs = Number.NEGATIVE_INFINITY;
  await eventually(what, LIMIT_MS, async () => {
    const nowMs = systemClock.nowMs();
    if (nowMs - spokenMs > AGAIN_MS) {
      spokenMs = nowMs;
      speak(leg);
    }
    return seen();
  });
}

/** Nothing that hinders who cannot see, or sees badly, as far as a program can tell. */
async function faultless(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  assert.deepEqual(
    violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]),
    [],
  );
}

/** Nothing reaches out of the window on its right. */
async function fits(page: Page): Promise<void> {
  const beyond = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
  assert.ok(Number(beyond) <= 0, `${beyond} px are beyond the window`);
}
