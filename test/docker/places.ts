/** Where what is given to Prometheus and Grafana lies. */

import { join } from 'node:path';
import { REPOSITORY } from '../systemd/repository.ts';

export const PROMETHEUS_FILE = join(REPOSITORY, 'docker/prometheus/prometheus.yml');
export const ALERTS_FILE = join(REPOSITORY, 'docker/prometheus/alerts.yml');
export const ALERTS_TEST_FILE = join(REPOSITORY, 'docker/prometheus/alerts.test.yml');
export const DASHBOARD_FILE = join(REPOSITORY, 'docker/grafana/dashboards/dragoman.json');
