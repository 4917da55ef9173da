/**
 * `npm run bench -- console`: what the console costs the browser it is open in, and how late captions are there, with
 * many calls; what it weighs, and when it is first drawn. Headless Chromium, painting without a graphics card.
 */

import { Command } from 'commander';
import { type CDPSession, chromium, type Page } from 'playwright-core';
import { z } from 'zod';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import { HttpServer } from '../../../src/server/http/http-server.ts';
import { FakeInterpretingView } from '../../server/http/fake-interpreting-view.ts';
import { chromiumProgram, NEEDS_CHROMIUM } from '../../support/chromium.ts';
import { describeMachine, machineLine } from '../machine.ts';
import { wholeFrom, wholesFrom } from '../options.ts';
import { percentile } from '../percentiles.ts';
import { cell, renderTable } from '../report-table.ts';
import { ToldLoad } from './told-load.ts';

interface ConsoleFlags {
  readonly calls: readonly number[];
  readonly seconds: number;
}

/** What the main thread of the page did, in seconds. */
const METRICS = ['ScriptDuration', 'RecalcStyleDuration', 'LayoutDuration', 'TaskDuration'] as const;
const WARM_UP_MS = 3_000;

/** Notes how late each text is that comes to stand on the page, in ms, by the time that is written in it. */
const NOTE_LAGS = `
  window.lags = [];
  new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
      for (const node of addedNodes.length > 0 ? addedNodes : [target]) {
        const told = /@(\\d{13})/.exec(node.textContent);
        if (told !== null && document.readyState === 'complete') {
          window.lags.push(Date.now() - Number(told[1]));
        }
      }
    }
  }).observe(document, { subtree: true, childList: true, characterData: true });
`;
const FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0";
const BYTES = `[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
  .filter(({ name }) => !/api|status/.test(name))
  .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)`;

/** `console`, for the bench's program. */
export function consoleCommand(): Command {
  return new Command('console')
    .description('The console in a browser: what it costs there, how late captions are.')
    .option('--calls <counts>', 'calls of each run, with commas', wholesFrom(1, 1_000), [50, 200])
    .option('--seconds <n>', 'length of a run, after 3 s of warm-up', wholeFrom(1, 300), 10)
    .action(async ({ calls, seconds }: ConsoleFlags) => {
      const program = chromiumProgram();
      if (program === undefined) {
        throw new Error(NEEDS_CHROMIUM);
      }
      console.log(machineLine(describeMachine()));
      const rows: (readonly string[])[] = [];
      for (const count of calls) {
        rows.push(await runWith(count, 1_000 * seconds, program));
      }
      console.log(renderTable(HEAD, rows));
    });
}

const HEAD = [
  'calls',
  'events/s',
  'script ms/s',
  'style',
  'layout',
  'main thread',
  'caption p50 ms',
  'p99',
  'first paint ms',
  'kB',
];

async function runWith(calls: number, runMs: number, program: string): Promise<readonly string[]> {
  const load = new ToldLoad(calls, systemClock);
  const server = await HttpServer.open(
    { host: '127.0.0.1', port: 0, captions: true, version: 'bench', startedAtMs: systemClock.nowMs() },
    {
      ...{ view: load.view, clock: systemClock, log: silentLog },
      interpreting: new FakeInterpretingView(),
      health: () => 'HEALTHY',
      utterances: { utterances: 0, failures: 0 },
    },
  );
  const browser = await chromium.launch({
    executablePath: program,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1_280, height: 800 } });
    await page.addInitScript(NOTE_LAGS);
    await page.goto(`http://127.0.0.1:${server.address.port}/`);
    await page.locator('tr.opens').first().waitFor();
    load.start();
    return [cell(calls, 0), ...(await measure(page, load, runMs))];
  } finally {
    load.stop();
    await browser.close();
    await server.close();
  }
}

async function measure(page: Page, load: ToldLoad, runMs: number): Promise<readonly string[]> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const never = new AbortController().signal;
  await systemClock.sleep(WARM_UP_MS, never);
  await page.evaluate('window.lags = []');
  const [before, toldBefore, startMs] = [await durations(session), load.told, systemClock.nowMs()];
  await systemClock.sleep(runMs, never);
  const after = await durations(session);
  const seconds = (systemClock.nowMs() - startMs) / 1_000;
  const lags = Float64Array.from(z.array(z.number()).parse(await page.evaluate('window.lags'))).sort();
  const perSecond = METRICS.map(
    (name) => (1_000 * ((after.get(name) ?? 0) - (before.get(name) ?? 0))) / seconds,
  );
  return [
    cell((load.told - toldBefore) / seconds, 0),
    ...perSecond.map((ms) => cell(ms, 0)),
    cell(percentile(lags, 50), 0),
    cell(percentile(lags, 99), 0),
    cell(Number(await page.evaluate(FIRST_PAINT)), 0),
    cell(Number(await page.evaluate(BYTES)) / 1_000, 1),
  ];
}

async function durations(session: CDPSession): Promise<ReadonlyMap<string, number>> {
  const { metrics } = await session.send('Performance.getMetrics');
  return new Map(metrics.map(({ name, value }) => [name, value]));
}
