import { z } from 'zod';
import { parseQuantity } from '../../units/index.ts';

const quantities = z.record(z.string(), z.union([z.string(), z.number()])).nullish();

const secretRef = z.looseObject({ name: z.string(), key: z.string().nullish() });

const containerSchema = z.looseObject({
  name: z.string(),
  image: z.string().nullish(),
  restartPolicy: z.string().nullish(),
  env: z
    .array(
      z.looseObject({ valueFrom: z.looseObject({ secretKeyRef: secretRef.nullish() }).nullish() }),
    )
    .nullish(),
  lifecycle: z.looseObject({ preStop: z.looseObject({ sleep: z.unknown() }).nullish() }).nullish(),
  ports: z.array(z.looseObject({ hostPort: z.number().nullish() })).nullish(),
  resources: z.looseObject({ requests: quantities, limits: quantities }).nullish(),
  securityContext: z.looseObject({}).nullish(),
});

const tolerationSchema = z.looseObject({
  key: z.string().nullish(),
  operator: z.string().nullish(),
  value: z.string().nullish(),
  effect: z.string().nullish(),
});

const expressionSchema = z.looseObject({
  key: z.string(),
  operator: z.string(),
  values: z.array(z.string()).nullish(),
});

const affinitySchema = z.looseObject({
  nodeAffinity: z
    .looseObject({
      requiredDuringSchedulingIgnoredDuringExecution: z
        .looseObject({
          nodeSelectorTerms: z.array(
            z.looseObject({ matchExpressions: z.array(expressionSchema).nullish() }),
          ),
        })
        .nullish(),
    })
    .nullish(),
  podAntiAffinity: z
    .looseObject({
      requiredDuringSchedulingIgnoredDuringExecution: z
        .array(z.looseObject({ topologyKey: z.string() }))
        .nullish(),
    })
    .nullish(),
});

const volumeSchema = z.looseObject({
  name: z.string(),
  persistentVolumeClaim: z.looseObject({ claimName: z.string() }).nullish(),
  secret: z.looseObject({ secretName: z.string(), optional: z.boolean().nullish() }).nullish(),
  hostPath: z.looseObject({ path: z.string() }).nullish(),
  image: z.looseObject({}).nullish(),
});

/** The part of a pod's spec that decides where it can run, and whether. */
export const podSpecSchema = z.looseObject({
  containers: z.array(containerSchema),
  initContainers: z.array(containerSchema).nullish(),
  volumes: z.array(volumeSchema).nullish(),
  nodeName: z.string().nullish(),
  nodeSelector: z.record(z.string(), z.string()).nullish(),
  affinity: affinitySchema.nullish(),
  tolerations: z.array(tolerationSchema).nullish(),
  imagePullSecrets: z.array(z.looseObject({ name: z.string() })).nullish(),
  priorityClassName: z.string().nullish(),
  runtimeClassName: z.string().nullish(),
  hostNetwork: z.boolean().nullish(),
  hostPID: z.boolean().nullish(),
  hostIPC: z.boolean().nullish(),
  securityContext: z.looseObject({}).nullish(),
  overhead: quantities,
});

export type PodSpec = z.infer<typeof podSpecSchema>;
export type ContainerSpec = z.infer<typeof containerSchema>;
export type NodeExpression = z.infer<typeof expressionSchema>;
export type TolerationSpec = z.infer<typeof tolerationSchema>;

/** Amounts by resource name: CPUs, bytes, devices. */
export type Amounts = Readonly<Record<string, number>>;

/**
 * What the scheduler sets aside for a pod: the sum over its containers and sidecars, or the largest
 * init container where that is more, plus the overhead of its runtime. A limit without a request counts
 * as one.
 */
export function requestsOf(spec: PodSpec): Amounts {
  return foldContainers(spec, containerRequests);
}

/** The sum of limits, folded as requests are. */
export function limitsOf(spec: PodSpec): Amounts {
  return foldContainers(spec, ({ resources }) => toAmounts(resources?.limits));
}

export function containerRequests({ resources }: ContainerSpec): Amounts {
  return { ...toAmounts(resources?.limits), ...toAmounts(resources?.requests) };
}

/** Adds amounts by resource; the second times `factor`. */
export function addAmounts(a: Amounts, b: Amounts, factor = 1): Amounts {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries(
    [...names].map((name) => [name, (a[name] ?? 0) + (b[name] ?? 0) * factor]),
  );
}

/** Parses a map of quantities; what is no quantity is left out. */
export function toAmounts(
  values: Readonly<Record<string, string | number>> | null | undefined,
): Amounts {
  return Object.fromEntries(
    Object.entries(values ?? {}).flatMap(([name, text]) => {
      const amount = parseQuantity(text);
      return amount === undefined ? [] : [[name, amount]];
    }),
  );
}

function foldContainers(spec: PodSpec, amounts: (container: ContainerSpec) => Amounts): Amounts {
  const inits = spec.initContainers ?? [];
  const sidecars = inits.filter(({ restartPolicy }) => restartPolicy === 'Always');
  const running = [...spec.containers, ...sidecars].reduce<Amounts>(
    (sum, container) => addAmounts(sum, amounts(container)),
    {},
  );
  const starting = inits
    .filter(({ restartPolicy }) => restartPolicy !== 'Always')
    .reduce<Amounts>((most, container) => largest(most, amounts(container)), {});
  return addAmounts(largest(running, starting), toAmounts(spec.overhead));
}

function largest(a: Amounts, b: Amounts): Amounts {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...names].map((name) => [name, Math.max(a[name] ?? 0, b[name] ?? 0)]));
}
