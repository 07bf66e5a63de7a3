import { z } from 'zod';
import { type PreflightFinding } from '../../../plan/index.ts';
import type { PreflightInput, SecretFact } from '../facts.ts';
import type { SecretReference } from '../references.ts';
import { podCount, type Workload } from '../workload.ts';
import { unknownFinding } from './unknown.ts';

const pullTypes: ReadonlySet<string> = new Set([
  'kubernetes.io/dockerconfigjson',
  'kubernetes.io/dockercfg',
]);

/** Checks that the Secrets the pods refer to are there, with their keys. Knows no value of them. */
export function checkSecrets(input: PreflightInput): PreflightFinding[] {
  const { namespace } = input.deployment;
  return input.references.secrets.flatMap((reference): PreflightFinding[] => {
    const where = `Secret/${namespace}/${reference.name}`;
    const command = `kubectl describe secret ${reference.name} -n ${namespace}`;
    // In a namespace that is yet to be made there is none.
    const reading = input.facts.secrets.get(reference.name);
    if (reading?.kind === 'unreadable') {
      const check = 'whether the Secret exists';
      return [unknownFinding({ check, where, command }, reading)];
    }
    const problem = secretProblem(reference, reading?.value);
    if (problem === undefined) return [];
    const isPull = reference.use === 'pull';
    return [
      {
        code: isPull ? 'PULL_SECRET_MISSING' : 'KEY_SECRET_MISSING',
        level: isPull ? 'warning' : 'error',
        what: problem,
        where,
        fix: isPull ? pullFix(reference, namespace) : keyFix(reference, namespace),
        command,
      },
    ];
  });
}

function secretProblem(
  { keys, use }: SecretReference,
  secret: SecretFact | undefined,
): string | undefined {
  if (secret === undefined) {
    return use === 'pull'
      ? 'The pull secret does not exist: images of a private registry cannot be pulled'
      : 'The Secret does not exist: the pods would wait for it for ever';
  }
  if (use === 'pull') {
    if (pullTypes.has(secret.type)) return undefined;
    return `Its type is "${secret.type}", and a pull secret is of type kubernetes.io/dockerconfigjson`;
  }
  const missing = keys.filter((key) => !secret.keys.includes(key));
  return missing.length === 0 ? undefined : `The Secret has no key "${missing.join('", "')}"`;
}

function keyFix({ name, keys }: SecretReference, namespace: string): string {
  const literals = keys.map((key) => ` --from-literal=${key}=VALUE`).join('');
  return `Create it: \`kubectl create secret generic ${name} -n ${namespace}${literals}\`, or set \`generate: true\` on \`api.keySecret\`.`;
}

function pullFix({ name }: SecretReference, namespace: string): string {
  return `Create it: \`kubectl create secret docker-registry ${name} -n ${namespace} --docker-server=REGISTRY --docker-username=USER --docker-password=PASSWORD\`.`;
}

const claimSchema = z.looseObject({
  spec: z.looseObject({
    accessModes: z.array(z.string()).nullish(),
    storageClassName: z.string().nullish(),
    volumeName: z.string().nullish(),
  }),
  status: z.looseObject({ phase: z.string().nullish() }).nullish(),
});

type Claim = z.infer<typeof claimSchema>;

/** Checks the claims the pods mount: there, bound, and readable from as many nodes as there are pods. */
export function checkClaims(input: PreflightInput): PreflightFinding[] {
  const { namespace } = input.deployment;
  return input.references.claims.flatMap((name): PreflightFinding[] => {
    const place = {
      where: `PersistentVolumeClaim/${namespace}/${name}`,
      command: `kubectl describe pvc ${name} -n ${namespace}`,
    };
    const reading = input.facts.claims.get(name);
    if (reading?.kind === 'unreadable')
      return [unknownFinding({ check: 'whether the claim exists', ...place }, reading)];
    if (reading?.value === undefined) {
      return [
        {
          code: 'VOLUME_CLAIM_MISSING',
          level: 'error',
          what: 'The claim does not exist, so no pod that mounts it can be scheduled',
          fix: 'Create the claim and put the weights on it, or correct `model.weights.pvc.claimName`.',
          ...place,
        },
      ];
    }
    const { data } = claimSchema.safeParse(reading.value);
    if (data === undefined) return [];
    const pods = input.workloads
      .filter((workload) => mounts(workload, name))
      .reduce((sum, workload) => sum + podCount(workload), 0);
    return [...checkBound(data, input, place), ...checkAccess(data, pods, place)];
  });
}

interface Place {
  readonly where: string;
  readonly command: string;
}

function mounts({ pods }: Workload, claim: string): boolean {
  return pods.some(({ spec }) =>
    (spec.volumes ?? []).some((volume) => volume.persistentVolumeClaim?.claimName === claim),
  );
}

function checkBound(
  { spec, status }: Claim,
  { facts }: PreflightInput,
  place: Place,
): PreflightFinding[] {
  const phase = status?.phase ?? 'Pending';
  if (phase === 'Bound') return [];
  const className = spec.storageClassName ?? '';
  const storageClass = facts.storageClasses.get(className);
  if (storageClass?.kind === 'read' && storageClass.value === undefined) {
    return [
      {
        code: 'STORAGE_CLASS_MISSING',
        level: 'error',
        what: `The claim waits for StorageClass "${className}", which does not exist`,
        fix: 'Create the class, or make the claim anew with one that is there.',
        where: place.where,
        command: 'kubectl get storageclass',
      },
    ];
  }
  const waits = storageClass?.kind === 'read' && storageClass.value?.['volumeBindingMode'];
  const isLate = waits === 'WaitForFirstConsumer' && phase === 'Pending';
  return [
    {
      code: 'VOLUME_CLAIM_UNBOUND',
      // A volume that is made for the first pod is empty, and weights do not load from nothing.
      level: isLate ? 'warning' : 'error',
      what: isLate
        ? 'The claim gets its volume with the first pod, so there are no weights on it yet'
        : `The claim is ${phase}, so the pods cannot start`,
      fix: 'Bind the claim to the volume with the weights first.',
      ...place,
    },
  ];
}

function checkAccess({ spec }: Claim, pods: number, place: Place): PreflightFinding[] {
  const modes = spec.accessModes ?? [];
  if (pods <= 1 || modes.some((mode) => mode === 'ReadOnlyMany' || mode === 'ReadWriteMany'))
    return [];
  return [
    {
      code: 'VOLUME_CLAIM_ACCESS',
      level: 'error',
      what: `${String(pods)} pods on as many nodes mount the claim, and it can be mounted as ${modes.join(', ') || 'nothing'} only`,
      fix: 'Use a claim with ReadOnlyMany or ReadWriteMany, or weights on a host path.',
      ...place,
    },
  ];
}

/** Checks that priority and runtime classes exist: admission refuses pods that name absent ones. */
export function checkClasses({ references, facts }: PreflightInput): PreflightFinding[] {
  const wanted = [
    ...references.priorityClasses.map((name) => ['PriorityClass', name] as const),
    ...references.runtimeClasses.map((name) => ['RuntimeClass', name] as const),
  ];
  return wanted.flatMap(([kind, name]): PreflightFinding[] => {
    const where = `${kind}/${name}`;
    const command = `kubectl get ${kind.toLowerCase()} ${name}`;
    const reading = facts.classes.get(where);
    if (reading?.kind === 'unreadable')
      return [unknownFinding({ check: `whether the ${kind} exists`, where, command }, reading)];
    if (reading?.value !== undefined) return [];
    return [
      {
        code: kind === 'PriorityClass' ? 'PRIORITY_CLASS_MISSING' : 'RUNTIME_CLASS_MISSING',
        level: 'error',
        what: `The ${kind} does not exist, so every pod would be refused`,
        where,
        fix: `Create it, or name one of \`kubectl get ${kind.toLowerCase()}\`.`,
        command,
      },
    ];
  });
}
