import {
  type Finding,
  type HealthReport,
  orderFindings,
  type PodTimeline,
} from '../../../health/index.ts';
import type { Layout } from '../../../layout/index.ts';
import type { HealthCluster } from '../ports.ts';
import { readApiKey, secretsOf } from '../probe/read-api-key.ts';
import { readOr } from '../try-read.ts';
import { podSelector } from '../wait/object-readings.ts';
import type { TimelineFeed } from '../wait/timeline-feed.ts';
import { readFindings } from './read-findings.ts';
import { findPlaced } from './signature-context.ts';

/** Adds to a report how every pod started; pods that may not be read are left out. */
export async function addTimeline(
  layout: Layout,
  { cluster, feed }: { readonly cluster: HealthCluster; readonly feed: TimelineFeed },
  report: HealthReport,
): Promise<HealthReport> {
  const pods = await readOr([], () =>
    cluster.list(
      { apiVersion: 'v1', kind: 'Pod' },
      { namespace: layout.spec.namespace, labelSelector: podSelector(layout) },
    ),
  );
  const timeline: readonly PodTimeline[] = await feed.read(report.groups, pods);
  return timeline.length === 0 ? report : { ...report, timeline };
}

/** Adds every known failure in the log of any pod, also what only slows a healthy group down. */
export async function addFindings(
  layout: Layout,
  cluster: HealthCluster,
  report: HealthReport,
): Promise<HealthReport> {
  const apiKey = await readOr({ kind: 'open' as const }, () =>
    readApiKey(layout, cluster, undefined),
  );
  const secrets = secretsOf(apiKey);
  const findings: Finding[] = [];
  for (const { group: name, pods } of report.groups) {
    const group = findPlaced(layout, name);
    if (group === undefined) continue;
    findings.push(...(await readFindings(cluster, { layout, group, pods, secrets })));
  }
  return { ...report, findings: orderFindings(findings) };
}
