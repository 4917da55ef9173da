/** What is given to Prometheus and Grafana, looked at without either; `scenarios/watched.test.ts` runs it. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { METRICS, type MetricEntry } from '../../src/server/metrics/metric-catalogue.ts';
import { promtool, withoutPrometheus } from '../support/prometheus.ts';
import { REPOSITORY } from '../systemd/repository.ts';
import { dashboard } from './dashboard.ts';
import { ALERTS_FILE, ALERTS_TEST_FILE, DASHBOARD_FILE, PROMETHEUS_FILE } from './places.ts';
import { alertQueries, dashboardQueries } from './queries.ts';

const PANELS = z.array(
  z.object({
    id: z.number(),
    type: z.enum(['row', 'stat', 'timeseries']),
    title: z.string().min(1),
    description: z.string().min(1).optional(),
    gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
    fieldConfig: z.object({ defaults: z.object({ unit: z.string().min(1) }) }).optional(),
    targets: z.array(z.object({ expr: z.string() })).optional(),
  }),
);

/** Names that are no metrics of ours, and stand in queries. */
const OTHERS = new Set(['up', 'process_resident_memory_bytes']);

describe('what Prometheus is given', () => {
  const skip = withoutPrometheus();

  it('is a configuration, and rules that promtool has nothing against', { skip }, () => {
    for (const words of [
      ['check', 'config', PROMETHEUS_FILE],
      ['check', 'rules', ALERTS_FILE],
    ]) {
      const { status, text } = promtool(words);
      assert.equal(status, 0, text);
    }
  });

  it('alerts when it should and not before, each alert', { skip }, () => {
    const { status, text } = promtool(['test', 'rules', ALERTS_TEST_FILE]);
    assert.equal(status, 0, text);
    const tested = readFileSync(ALERTS_TEST_FILE, 'utf8');
    for (const { of } of alertQueries('5m')) {
      assert.match(tested, new RegExp(`alertname: ${of}\\n +exp_alerts:\\n`), `${of} is never seen to alert`);
    }
  });

  it('names only metrics that there are', () => {
    for (const { of, expr } of alertQueries('5m')) {
      const names = expr.replace(/\bby \([^)]*\)|\{[^}]*\}/g, '').match(/\bup\b|\b[a-z]+(_[a-z]+)+\b/g) ?? [];
      const metrics = names
        .map((name) => name.replace(/_bucket$/, ''))
        .filter((name) => name !== 'histogram_quantile');
      assert.ok(metrics.length > 0, of);
      for (const name of metrics) {
        assert.ok(name in METRICS || OTHERS.has(name), `${of}: ${name}`);
      }
    }
  });
});

describe('the dashboard', () => {
  it('is the one that is described', () => {
    assert.equal(
      readFileSync(DASHBOARD_FILE, 'utf8'),
      `${JSON.stringify(dashboard(), null, 2)}\n`,
      'write it anew: node dist/test/docker/write-dashboard.js',
    );
  });

  it('asks in the order in which somebody does who is told that calls are bad', () => {
    const rows = PANELS.parse(dashboard().panels).filter(({ type }) => type === 'row');
    assert.deepEqual(
      rows.map(({ title }) => title),
      [
        'Are calls healthy?',
        'How late are we?',
        'Which stage?',
        'Which engine?',
        'How full are we?',
        'Is kept what is to be kept?',
        'Do the nodes serve together?',
      ],
    );
  });

  it('says of each panel what it is and in which unit, and puts none over another', () => {
    const taken = new Map<string, string>();
    const ids = new Set<number>();
    for (const { id, type, title, description, gridPos, fieldConfig } of PANELS.parse(dashboard().panels)) {
      assert.ok(!ids.has(id), title);
      ids.add(id);
      if (type !== 'row') {
        assert.ok(description !== undefined && fieldConfig !== undefined, title);
      }
      const { x, y, w, h } = gridPos;
      assert.ok(x + w <= 24, title);
      for (let column = x; column < x + w; column += 1) {
        for (let line = y; line < y + h; line += 1) {
          const before = taken.get(`${column} ${line}`);
          assert.equal(before, undefined, `${title} lies over ${before}`);
          taken.set(`${column} ${line}`, title);
        }
      }
    }
  });

  it('names only metrics that there are, and rates of counters alone', () => {
    for (const { of, expr } of dashboardQueries('5m')) {
      const rated = [...expr.matchAll(/(rate\()?\b([a-z_]+)\{/g)];
      assert.ok(rated.length > 0, `${of}: ${expr}`);
      for (const [, rate, written = ''] of rated) {
        const name = written.replace(/_bucket$/, '');
        const entry: MetricEntry | undefined = Object.entries<MetricEntry>(METRICS).find(
          ([known]) => known === name,
        )?.[1];
        assert.ok(entry !== undefined || OTHERS.has(name), `${of}: ${name}`);
        assert.equal(rate !== undefined, entry !== undefined && entry.type !== 'gauge', `${of}: ${name}`);
      }
    }
  });
});

describe('what to look at', () => {
  it('names only metrics that there are', () => {
    const page = readFileSync(join(REPOSITORY, 'docker/README.md'), 'utf8');
    const text = /^## What to look at$[\s\S]*?^## /m.exec(page)?.[0] ?? '';
    const known = Object.keys(METRICS);
    const names =
      text.match(/\bdragoman_[a-z_]+[a-z]\b|\b[a-z]+_[a-z_]*_(total|seconds|milliseconds)\b/g) ?? [];
    assert.ok(names.length > 20, 'it names hardly any');
    for (const name of names) {
      assert.ok(known.includes(name), name);
    }
  });
});
