/**
 * One plan and apply in a process of its own, so that its memory is its own. Prints JSON.
 *
 *     node bench/apply-child.ts KUBECONFIG NAMESPACE COUNT [CHANGED]
 */
import { applyPlan } from '../src/actions/apply/index.ts';
import { planDeployment } from '../src/actions/plan/index.ts';
import { openCluster } from '../src/cluster/index.ts';
import { keepHeapSmall } from '../src/commands/keep-heap-small.ts';
import { benchObjects } from './apply-objects.ts';
import { Wire } from './wire.ts';

export interface ChildResult {
  readonly planMs: number;
  readonly applyMs: number;
  readonly peakRssMb: number;
  readonly changes: number;
  /** Sent by this process in all: reads, discovery and retries included. */
  readonly requests: number;
}

// As the bin does before it opens a cluster.
keepHeapSmall();
const wire = new Wire();
const [kubeconfig = '', namespace = '', count = '0', changed = '0'] = process.argv.slice(2);
const host = { notify: () => undefined, confirm: () => Promise.resolve(true) };
const cluster = await openCluster({ kubeconfig });
const manifests = benchObjects(Number(count), namespace).map((manifest, index) =>
  index < Number(changed) ? { ...manifest, data: { changed: 'yes' } } : manifest,
);
const request = { deployment: { name: 'bench', namespace }, manifests, createNamespace: false };

const start = performance.now();
const plan = await planDeployment(request, { cluster, host });
const planned = performance.now();
await applyPlan(plan, { cluster, host });
const applied = performance.now();
await cluster.close();

const result: ChildResult = {
  planMs: planned - start,
  applyMs: applied - planned,
  peakRssMb: process.resourceUsage().maxRSS / 1024,
  changes: plan.changes.filter(({ action }) => action !== 'keep').length,
  requests: wire.requests,
};
console.log(JSON.stringify(result));
