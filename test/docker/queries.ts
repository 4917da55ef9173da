/** Every query that dashboard and alerts are made of. */

import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { ALERTS_FILE, DASHBOARD_FILE } from './places.ts';

const ALERTS = z.object({
  groups: z.array(z.object({ rules: z.array(z.object({ alert: z.string(), expr: z.string() })) })),
});

const DASHBOARD = z.object({
  panels: z.array(
    z.object({
      title: z.string(),
      targets: z.array(z.object({ expr: z.string(), legendFormat: z.string() })).default([]),
    }),
  ),
});

export interface NamedQuery {
  /** The panel or the alert. */
  readonly of: string;
  readonly expr: string;
  /** Labels that are shown, which what it returns must have. */
  readonly shows: readonly string[];
}

/** As Grafana would ask them, of all machines, over `window`. */
export function dashboardQueries(window: string): readonly NamedQuery[] {
  const { panels } = DASHBOARD.parse(JSON.parse(readFileSync(DASHBOARD_FILE, 'utf8')));
  return panels.flatMap(({ title, targets }) =>
    targets.map(({ expr, legendFormat }) => ({
      of: title,
      expr: expr.replaceAll('$__rate_interval', window).replaceAll('$instance', '.+'),
      shows: [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label),
    })),
  );
}

/**
 * What the alerts compare, over `window` in place of their own: each side of an `unless`, without the comparison, which
 * holds only when something is wrong.
 */
export function alertQueries(window: string): readonly NamedQuery[] {
  const { groups } = ALERTS.parse(parse(readFileSync(ALERTS_FILE, 'utf8')));
  return groups
    .flatMap(({ rules }) => rules)
    .flatMap(({ alert, expr }) =>
      expr.split(/\bunless\b/).map((side) => ({
        of: alert,
        expr: side.replace(/\s(==|>=|>)\s[\d.]+\s*$/, '').replace(/\[\d+[mh]\]/g, `[${window}]`),
        shows: [],
      })),
    );
}
