import type { ApiClient } from '../api-client.ts';
import type { NodeObject } from '../node-pool.ts';
import type { BootSession } from './boot-session.ts';
import { probeLeaderWorkerSet } from './lws.ts';
import { nudgeKwok } from './nudge.ts';

const readyTimeoutMs = 60_000;

/** Longer than kwok takes to start on a quiet machine; a nudge in vain does no harm. */
const nudgeEveryMs = 3_000;

/** Waits for what a user's first `apply` needs: nodes, a service account, the LWS webhooks. */
export async function waitUntilUsable(
  client: ApiClient,
  nodes: readonly NodeObject[],
  session: BootSession,
): Promise<void> {
  await Promise.all([
    waitForNodes(client, nodes.length, session),
    session.waitFor('kube-controller-manager', readyTimeoutMs, async () => {
      await client.send({
        method: 'GET',
        path: '/api/v1/namespaces/default/serviceaccounts/default',
      });
    }),
    session.waitFor('lws-manager', readyTimeoutMs, async () => {
      await client.send({
        method: 'POST',
        path: '/apis/leaderworkerset.x-k8s.io/v1/namespaces/default/leaderworkersets?dryRun=All',
        body: probeLeaderWorkerSet,
      });
    }),
  ]);
}

async function waitForNodes(client: ApiClient, count: number, session: BootSession): Promise<void> {
  let nudgeAtMs = performance.now() + nudgeEveryMs;
  await session.waitFor('kwok', readyTimeoutMs, async () => {
    const { items } = await client.send<{ items: readonly NodeStatus[] }>({
      method: 'GET',
      path: '/api/v1/nodes',
    });
    const late = items.filter((node) => !isSchedulable(node)).map(({ metadata }) => metadata.name);
    if (late.length === 0 && items.length >= count) return;
    if (performance.now() >= nudgeAtMs) {
      nudgeAtMs = performance.now() + nudgeEveryMs;
      await nudgeKwok(client, late);
    }
    throw new Error(`nodes are not ready yet: ${late.join(', ')}`);
  });
}

interface Conditioned {
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

interface NodeStatus extends Conditioned {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly taints?: readonly { readonly key: string }[] };
}

function isConditionTrue(object: Conditioned, type: string): boolean {
  const conditions = object.status?.conditions ?? [];
  return conditions.some((condition) => condition.type === type && condition.status === 'True');
}

function isSchedulable(node: NodeStatus): boolean {
  const taints = node.spec.taints ?? [];
  const isHeldBack = taints.some(({ key }) => key.startsWith('node.kubernetes.io/'));
  return isConditionTrue(node, 'Ready') && !isHeldBack;
}
