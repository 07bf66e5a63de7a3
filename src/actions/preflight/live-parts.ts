import { z } from 'zod';
import type { LiveObject } from '../../cluster/cluster.ts';
import type { NodeFact, PodFact, SecretFact } from './facts.ts';
import { podSpecSchema, requestsOf, toAmounts } from './pod-spec.ts';

const nodeSchema = z.looseObject({
  spec: z
    .looseObject({
      unschedulable: z.boolean().nullish(),
      taints: z
        .array(z.looseObject({ key: z.string(), value: z.string().nullish(), effect: z.string() }))
        .nullish(),
    })
    .nullish(),
  status: z
    .looseObject({
      allocatable: z.record(z.string(), z.union([z.string(), z.number()])).nullish(),
      conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).nullish(),
    })
    .nullish(),
});

/** What scheduling needs to know of a node; one that says nothing of itself is not ready. */
export function toNodeFact(node: LiveObject): NodeFact {
  const { spec, status } = nodeSchema.safeParse(node).data ?? {};
  return {
    name: node.metadata.name,
    labels: node.metadata.labels ?? {},
    ready: (status?.conditions ?? []).some(
      (condition) => condition.type === 'Ready' && condition.status === 'True',
    ),
    cordoned: spec?.unschedulable === true,
    taints: (spec?.taints ?? []).map(({ key, value, effect }) => ({
      key,
      value: value ?? '',
      effect,
    })),
    allocatable: toAmounts(status?.allocatable),
  };
}

const podSchema = z.looseObject({
  spec: podSpecSchema,
  status: z.looseObject({ phase: z.string().nullish() }).nullish(),
});

/** What a pod takes of its node; `undefined` when it has ended or was not placed. */
export function toPodFact(
  pod: LiveObject,
  isOurs: (pod: LiveObject) => boolean,
): PodFact | undefined {
  const { data } = podSchema.safeParse(pod);
  const phase = data?.status?.phase ?? '';
  if (!data?.spec.nodeName || phase === 'Succeeded' || phase === 'Failed') return undefined;
  return {
    name: pod.metadata.name,
    namespace: pod.metadata.namespace ?? '',
    node: data.spec.nodeName,
    requests: requestsOf(data.spec),
    ours: isOurs(pod),
  };
}

const secretSchema = z.looseObject({
  type: z.string().nullish(),
  data: z.record(z.string(), z.string()).nullish(),
});

/** Type and keys of a Secret; the values end here. */
export function toSecretFact(secret: LiveObject): SecretFact {
  const { data } = secretSchema.safeParse(secret);
  const filled = Object.entries(data?.data ?? {}).filter(([, value]) => value !== '');
  return { type: data?.type ?? '', keys: filled.map(([key]) => key).toSorted() };
}
