/**
 * One plan and apply in a process of its own, so that its memory is its own. Prints JSON.
 *
 *     node bench/apply-child.ts KUBECONFIG NAMESPACE COUNT [CHANGED]
 */
import { applyPlan } from '../src/actions/apply/index.ts';
import { prepareRevision } from '../src/actions/history/index.ts';
import { planDeployment } from '../src/actions/plan/index.ts';
import { openCluster } from '../src/cluster/index.ts';
import { keepHeapSmall } from '../src/commands/process/keep-heap-small.ts';
import { nodeClock } from '../src/commands/process/node-clock.ts';
import { benchObjects } from './apply-objects.ts';
import { Wire } from './wire.ts';

export interface ChildResult {
  readonly planMs: number;
  readonly applyMs: number;
  readonly peakRssMb: number;
  readonly changes: number;
  /** Sent by this process in all: reads, discovery and retries included. */
  readonly requests: number;
  /** To the objects of the plan. */
  readonly objectWrites: number;
  /** To what dsdeploy keeps beside them: lock, inventory, revision. */
  readonly recordWrites: number;
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
const operator = 'ann@bench';
const ports = { cluster, host, clock: nodeClock, operator };
// As the bin applies: under the lock, and with a revision at the end.
const last = await prepareRevision({ plan, spec: `changed: ${changed}\n` }, ports);
const owner = { operator, processId: process.pid };
await applyPlan(plan, { cluster, host, last, lock: { owner, clock: nodeClock } });
const applied = performance.now();
await cluster.close();

const isRecord = (write: string) =>
  [/\/leases\/bench-lock$/, /\/configmaps\/bench-(inventory|revision-\d+)$/].some((record) =>
    record.test(write),
  );
const records = wire.writes.filter(isRecord).length;
const result: ChildResult = {
  planMs: planned - start,
  applyMs: applied - planned,
  peakRssMb: process.resourceUsage().maxRSS / 1024,
  changes: plan.changes.filter(({ action }) => action !== 'keep').length,
  requests: wire.requests,
  objectWrites: wire.writes.length - records,
  recordWrites: records,
};
console.log(JSON.stringify(result));
