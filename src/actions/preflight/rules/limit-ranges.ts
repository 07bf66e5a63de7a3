import { z } from 'zod';
import type { LiveObject } from '../../../cluster/cluster.ts';
import { type PreflightFinding } from '../../../plan/index.ts';
import { formatQuantity } from '../../../units/index.ts';
import type { PreflightInput } from '../facts.ts';
import { type Amounts, containerRequests, toAmounts } from '../pod-spec.ts';
import type { PodDemand } from '../workload.ts';
import { unknownFinding } from './unknown.ts';

const quantities = z.record(z.string(), z.union([z.string(), z.number()])).nullish();

const limitRangeSchema = z.looseObject({
  spec: z.looseObject({
    limits: z.array(
      z.looseObject({
        type: z.string(),
        max: quantities,
        min: quantities,
        maxLimitRequestRatio: quantities,
      }),
    ),
  }),
});

type Limit = z.infer<typeof limitRangeSchema>['spec']['limits'][number];

/** Checks that no LimitRange of the namespace refuses the pods: that would show as missing pods. */
export function checkLimitRanges({
  deployment,
  workloads,
  facts,
}: PreflightInput): PreflightFinding[] {
  const { namespace } = deployment;
  const { limitRanges } = facts;
  const command = `kubectl describe limitrange -n ${namespace}`;
  if (limitRanges.kind === 'unreadable') {
    const check = 'whether a LimitRange refuses the pods';
    return [unknownFinding({ check, where: `namespace ${namespace}`, command }, limitRanges)];
  }
  const pods = workloads.flatMap((workload) => workload.pods);
  return limitRanges.value.flatMap((object) =>
    problemsOf(object, pods).map((what) => ({
      code: 'LIMIT_RANGE_REFUSES',
      level: 'error',
      what,
      where: `LimitRange/${namespace}/${object.metadata.name}`,
      fix: 'Ask the owner of the namespace to lift the limit for these pods, or change `pools.*.pod`.',
      command: `kubectl describe limitrange ${object.metadata.name} -n ${namespace}`,
    })),
  );
}

function problemsOf(object: LiveObject, pods: readonly PodDemand[]): string[] {
  const { data } = limitRangeSchema.safeParse(object);
  return (data?.spec.limits ?? []).flatMap((limit) =>
    pods.flatMap((pod) => {
      if (limit.type === 'Pod') return compare(limit, { ...pod, subject: `a ${pod.role} pod` });
      if (limit.type !== 'Container') return [];
      return pod.spec.containers.flatMap((container) =>
        compare(limit, {
          subject: `container ${container.name} of a ${pod.role} pod`,
          requests: containerRequests(container),
          limits: toAmounts(container.resources?.limits),
        }),
      );
    }),
  );
}

interface Sized {
  readonly subject: string;
  readonly requests: Amounts;
  readonly limits: Amounts;
}

function compare({ type, max, min, maxLimitRequestRatio }: Limit, sized: Sized): string[] {
  const { subject, requests, limits } = sized;
  const show = formatQuantity;
  return [
    ...Object.entries(toAmounts(max)).flatMap(([resource, most]) => {
      const amount = Math.max(limits[resource] ?? 0, requests[resource] ?? 0);
      if (amount <= most) return [];
      return [
        `${resource} of ${subject} is ${show(resource, amount)}, at most ${show(resource, most)} per ${type}`,
      ];
    }),
    ...Object.entries(toAmounts(min)).flatMap(([resource, least]) => {
      const amount = requests[resource];
      if (amount === undefined || amount >= least) return [];
      return [
        `${resource} of ${subject} is ${show(resource, amount)}, at least ${show(resource, least)} per ${type}`,
      ];
    }),
    ...Object.entries(toAmounts(maxLimitRequestRatio)).flatMap(([resource, ratio]) => {
      const [limit = 0, request = 0] = [limits[resource], requests[resource]];
      if (request === 0 || limit / request <= ratio) return [];
      return [`${resource} of ${subject}: limit is more than ${String(ratio)} times the request`];
    }),
  ];
}
