import type { MetricNames } from '../../engines/index.ts';
import type { PlacedGroup } from '../../layout/index.ts';

/** Metrics of some pods as PromQL, for alerts and dashboards alike. */
export interface MetricQuery {
  readonly names: MetricNames;
  /** Between the braces of a selector. */
  readonly selector: string;
  /** A metric with the selector. */
  readonly of: (metric: string) => string;
  /** Sum of a gauge over all pods and ranks. */
  readonly sum: (metric: string) => string;
  readonly max: (metric: string) => string;
  /** Per second; a gauge that engines reset each step is averaged instead. */
  readonly rate: (metric: string, window: string) => string;
  /** Quantile of a histogram of seconds. */
  readonly quantile: (metric: string, quantile: number, window: string) => string;
}

export function metricQuery(names: MetricNames, selector: string): MetricQuery {
  const of = (metric: string): string => `${metric}{${selector}}`;
  return {
    names,
    selector,
    of,
    sum: (metric) => `sum(${of(metric)})`,
    max: (metric) => `max(${of(metric)})`,
    rate: (metric, window) =>
      metric.endsWith('_total')
        ? `sum(rate(${of(metric)}[${window}]))`
        : `sum(avg_over_time(${of(metric)}[${window}]))`,
    quantile: (metric, quantile, window) =>
      `histogram_quantile(${quantile}, sum by (le) (rate(${of(`${metric}_bucket`)}[${window}])))`,
  };
}

/** Names of a group's pods as an expression of Prometheus: leaders `x-0`, workers `x-0-1`. */
export function podPattern({ objectName }: PlacedGroup, which: 'all' | 'leaders'): string {
  return which === 'leaders' ? `${objectName}-[0-9]+` : `${objectName}-[0-9]+(-[0-9]+)?`;
}

/** Selector of a group's pods by names that every way of scraping keeps. */
export function podSelector(
  namespace: string,
  group: PlacedGroup,
  which: 'all' | 'leaders' = 'all',
): string {
  return `namespace="${namespace}",pod=~"${podPattern(group, which)}"`;
}

/**
 * Copies of a group there have to be: those of its leaders' StatefulSet, which follows whoever scales
 * the set, or those of the spec where nothing exports them.
 *
 * @param window - of this time the fewest: whoever is added gets it to start, and nobody waits for
 *   the copies a roll-out adds and takes away
 */
export function wantedCopies(namespace: string, group: PlacedGroup, window?: string): string {
  const { objectName, spec } = group;
  const metric = `kube_statefulset_replicas{namespace="${namespace}",statefulset="${objectName}"}`;
  const copies = window === undefined ? metric : `min_over_time(${metric}[${window}])`;
  return `(max(${copies}) or vector(${spec.replicas}))`;
}
