import { z } from 'zod';
import type { LiveObject } from '../../../cluster/cluster.ts';
import type { Manifest } from '../../../manifest/index.ts';
import { type PreflightFinding } from '../../../plan/index.ts';
import { formatQuantity } from '../../../units/index.ts';
import type { PreflightInput } from '../facts.ts';
import { type Amounts, addAmounts, toAmounts } from '../pod-spec.ts';
import type { PodDemand, Workload } from '../workload.ts';
import { unknownFinding } from './unknown.ts';

const quantities = z.record(z.string(), z.union([z.string(), z.number()])).nullish();

const quotaSchema = z.looseObject({
  spec: z.looseObject({
    hard: quantities,
    scopes: z.array(z.string()).nullish(),
    scopeSelector: z
      .looseObject({
        matchExpressions: z
          .array(
            z.looseObject({
              scopeName: z.string(),
              operator: z.string(),
              values: z.array(z.string()).nullish(),
            }),
          )
          .nullish(),
      })
      .nullish(),
  }),
  status: z.looseObject({ hard: quantities, used: quantities }).nullish(),
});

type Quota = z.infer<typeof quotaSchema>;

/** Checks that every quota of the namespace leaves room for the pods and objects to come. */
export function checkQuotas(input: PreflightInput): PreflightFinding[] {
  const { namespace } = input.deployment;
  const { quotas } = input.facts;
  const command = `kubectl describe resourcequota -n ${namespace}`;
  if (quotas.kind === 'unreadable') {
    const check = 'whether the quotas leave room';
    return [unknownFinding({ check, where: `namespace ${namespace}`, command }, quotas)];
  }
  return quotas.value.flatMap((quota) => checkQuota(quota, input));
}

function checkQuota(object: LiveObject, input: PreflightInput): PreflightFinding[] {
  const { namespace } = input.deployment;
  const { data } = quotaSchema.safeParse(object);
  if (data === undefined) return [];
  const needed = neededOf(data, input);
  const hard = { ...toAmounts(data.spec.hard), ...toAmounts(data.status?.hard) };
  const used = toAmounts(data.status?.used);
  return Object.entries(hard).flatMap(([resource, limit]): PreflightFinding[] => {
    const need = needed[resource] ?? 0;
    const taken = Math.max(0, (used[resource] ?? 0) - (ownUse(input)[resource] ?? 0));
    if (need === 0 || taken + need <= limit * (1 + 1e-9)) return [];
    const [wanted, free, all] = [need, Math.max(0, limit - taken), limit].map((amount) =>
      formatQuantity(resource, amount),
    );
    return [
      {
        code: 'QUOTA_EXCEEDED',
        level: 'error',
        what: `${resource}: ${wanted ?? ''} needed, ${free ?? ''} left of ${all ?? ''}`,
        where: `ResourceQuota/${namespace}/${object.metadata.name}`,
        fix: 'Ask the owner of the namespace for a larger quota, or lower `replicas`.',
        command: `kubectl describe resourcequota ${object.metadata.name} -n ${namespace}`,
      },
    ];
  });
}

/** What the pods and objects of the deployment count for under the names quotas use. */
function neededOf(quota: Quota, { workloads, manifests, facts }: PreflightInput): Amounts {
  const scoped = (quota.spec.scopes ?? []).length > 0 || quota.spec.scopeSelector;
  const pods = workloads.reduce<Amounts>(
    (sum, workload) => addAmounts(sum, podUse(workload, quota)),
    {},
  );
  if (scoped) return pods;
  const present = facts.namespace.kind === 'read' && facts.namespace.value !== undefined;
  // Objects that are there are counted already; which of them are is for the plan to say.
  return present ? { ...pods, ...newSetUse(manifests, facts.names) } : addAmounts(pods, {});
}

/** Services and StatefulSets the LeaderWorkerSet controller is going to make. */
function newSetUse(
  manifests: readonly Manifest[],
  names: PreflightInput['facts']['names'],
): Amounts {
  const sets = manifests.filter(({ kind }) => kind === 'LeaderWorkerSet');
  const fresh = sets.filter(({ metadata }) => {
    const service = names.get(`Service/${metadata.name}`);
    return service?.kind === 'read' && service.value === undefined;
  });
  return fresh.length === 0 ? {} : { services: fresh.length, 'count/services': fresh.length };
}

function podUse({ copies, pods }: Workload, quota: Quota): Amounts {
  return pods
    .filter((pod) => inScope(pod, quota))
    .reduce<Amounts>((sum, pod) => addAmounts(sum, countersOf(pod), copies * pod.count), {});
}

function countersOf({ requests, limits }: PodDemand): Amounts {
  const counters: [string, number][] = [
    ['pods', 1],
    ['count/pods', 1],
  ];
  for (const [resource, amount] of Object.entries(requests)) {
    counters.push([`requests.${resource}`, amount]);
    if (['cpu', 'memory', 'ephemeral-storage'].includes(resource))
      counters.push([resource, amount]);
  }
  for (const [resource, amount] of Object.entries(limits))
    counters.push([`limits.${resource}`, amount]);
  return Object.fromEntries(counters);
}

/** Pods of ours that run are in `used`, and are replaced rather than added to. */
function ownUse({ facts }: PreflightInput): Amounts {
  if (facts.pods.kind === 'unreadable') return {};
  return facts.pods.value
    .filter(({ ours }) => ours)
    .reduce<Amounts>(
      // Requests and limits of engine pods are equal, which makes these the limits too.
      (sum, { requests }) =>
        addAmounts(
          sum,
          countersOf({ role: '', count: 1, spec: { containers: [] }, requests, limits: requests }),
        ),
      {},
    );
}

/** Whether a quota counts a pod; a scope that is not known counts it, to be safe. */
function inScope({ spec, requests, limits }: PodDemand, { spec: quota }: Quota): boolean {
  const bestEffort = Object.keys({ ...requests, ...limits }).length === 0;
  const byScope: Readonly<Record<string, boolean>> = {
    BestEffort: bestEffort,
    NotBestEffort: !bestEffort,
    Terminating: spec['activeDeadlineSeconds'] !== undefined,
    NotTerminating: spec['activeDeadlineSeconds'] === undefined,
    CrossNamespacePodAffinity: false,
  };
  const expressions = quota.scopeSelector?.matchExpressions ?? [];
  return (
    (quota.scopes ?? []).every((scope) => byScope[scope] ?? true) &&
    expressions.every(({ scopeName, operator, values }) => {
      if (scopeName !== 'PriorityClass') return byScope[scopeName] ?? true;
      const name = spec.priorityClassName;
      const listed = typeof name === 'string' && (values ?? []).includes(name);
      switch (operator) {
        case 'In':
          return listed;
        case 'NotIn':
          return !listed;
        case 'DoesNotExist':
          return !name;
        default:
          return Boolean(name);
      }
    })
  );
}
