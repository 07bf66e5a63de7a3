import type { ObservabilityProps } from '../../../charts/index.ts';
import type { EngineId } from '../../catalog/index.ts';
import type { PlacedGroup } from '../../layout/index.ts';
import type { Spec } from '../../spec/index.ts';
import { alertRules } from './observability-alerts.ts';
import { dashboardName, renderDashboard } from './observability-dashboard.ts';

/** What watches a deployment, as far as its spec asks for it. */
export function observabilityProps(
  spec: Spec,
  groups: readonly PlacedGroup[],
): Omit<ObservabilityProps, 'instance'> {
  const { podMonitor, alerts, dashboard, labels } = spec.observability;
  return {
    labels,
    ...(podMonitor ? { scrapedPorts: metricPorts(groups) } : {}),
    ...(alerts
      ? {
          alerts: groups.map((group) => ({
            name: group.objectName,
            rules: alertRules(spec, group),
          })),
        }
      : {}),
    dashboards: dashboard ? dashboards(spec, groups) : [],
  };
}

/** Every port that answers API requests has the metrics of its own ranks. */
function metricPorts(groups: readonly PlacedGroup[]): readonly string[] {
  const names = groups.flatMap(({ workloads }) => workloads.flatMap(({ apiPorts }) => apiPorts));
  return [...new Set(names)].toSorted();
}

function dashboards(spec: Spec, groups: readonly PlacedGroup[]): ObservabilityProps['dashboards'] {
  const used: readonly EngineId[] = [...new Set(groups.map((group) => group.spec.engine))];
  return used.toSorted().map((engine) => ({
    name: dashboardName(spec, engine),
    json: renderDashboard(
      spec,
      engine,
      groups.filter((group) => group.spec.engine === engine),
    ),
  }));
}
