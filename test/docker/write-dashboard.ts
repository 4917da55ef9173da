/** Writes the dashboard's file anew: `node dist/test/docker/write-dashboard.js`. */

import { writeFileSync } from 'node:fs';
import { dashboard } from './dashboard.ts';
import { DASHBOARD_FILE } from './places.ts';

writeFileSync(DASHBOARD_FILE, `${JSON.stringify(dashboard(), null, 2)}\n`);
