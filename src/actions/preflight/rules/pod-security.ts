import { z } from 'zod';
import { type PreflightFinding } from '../../../plan/index.ts';
import type { PreflightInput } from '../facts.ts';
import type { ContainerSpec, PodSpec } from '../pod-spec.ts';
import { unknownFinding } from './unknown.ts';

const levels = ['restricted', 'baseline', 'privileged'] as const;

type Level = (typeof levels)[number];

/** Something in a pod, and the strictest level that lets it through. */
interface Need {
  readonly level: Level;
  readonly what: string;
}

/** Capabilities that the baseline standard lets a container add. */
const baselineCapabilities: ReadonlySet<string> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

/** Checks that the namespace lets the pods in: a refusal would show as missing pods, not as an error. */
export function checkPodSecurity(input: PreflightInput): PreflightFinding[] {
  const { deployment, workloads, manifests, facts, createNamespace } = input;
  const { namespace } = deployment;
  const needs = workloads.flatMap(({ pods }) => pods.flatMap(({ spec }) => needsOf(spec)));
  const needed = needs.reduce<Level>((most, { level }) => looser(most, level), 'restricted');
  const rendered = manifests.find(({ kind }) => kind === 'Namespace');
  const reading = facts.namespace;
  const where = `Namespace/${namespace}`;
  const command = `kubectl get namespace ${namespace} --show-labels`;
  const check = 'which Pod Security level the namespace enforces';
  if (!createNamespace && reading.kind === 'unreadable')
    return needed === 'restricted' ? [] : [unknownFinding({ check, where, command }, reading)];
  const live = reading.kind === 'read' ? reading.value : undefined;
  const labels = createNamespace ? rendered?.metadata.labels : live?.metadata.labels;
  const enforced = labels?.['pod-security.kubernetes.io/enforce'];
  if (!isLevel(enforced)) {
    if (needed === 'restricted') return [];
    const reason = `it has no label for it, so the default of the cluster holds, which has no API; the pods need "${needed}"`;
    const fix = `Nothing to do where the cluster has no stricter default, which is usual; to be sure: \`kubectl label namespace ${namespace} pod-security.kubernetes.io/enforce=${needed}\`.`;
    return [unknownFinding({ check, where, command, fix }, { kind: 'unreadable', reason })];
  }
  const refused = needs.filter(({ level }) => levels.indexOf(level) > levels.indexOf(enforced));
  if (refused.length === 0) return [];
  const reasons = [...new Set(refused.map(({ what }) => what))].join(', ');
  return [
    {
      code: 'POD_SECURITY_REFUSES',
      level: 'error',
      what: `The namespace enforces "${enforced}" and the pods need "${needed}": ${reasons}`,
      where,
      fix: `Ask for the level "${needed}" in this namespace, or deploy to another one.`,
      command,
    },
  ];
}

function isLevel(value: string | undefined): value is Level {
  return levels.some((level) => level === value);
}

function looser(a: Level, b: Level): Level {
  return levels.indexOf(a) > levels.indexOf(b) ? a : b;
}

/**
 * What a pod does that the `restricted` standard forbids.
 *
 * @source https://kubernetes.io/docs/concepts/security/pod-security-standards/, read 2026-11-24; the
 * fields engine pods can set, not all of them
 */
function needsOf(spec: PodSpec): Need[] {
  const containers = [...spec.containers, ...(spec.initContainers ?? [])];
  const privileged = (what: string): Need => ({ level: 'privileged', what });
  return [
    ...(spec.hostNetwork === true ? [privileged('host network')] : []),
    ...(spec.hostPID === true || spec.hostIPC === true ? [privileged('host namespaces')] : []),
    ...(spec.volumes ?? []).flatMap(({ hostPath }) =>
      hostPath ? [privileged(`host path ${hostPath.path}`)] : [],
    ),
    ...containers.flatMap((container) => containerNeeds(container, spec)),
  ];
}

const contextSchema = z.looseObject({
  privileged: z.boolean().nullish(),
  allowPrivilegeEscalation: z.boolean().nullish(),
  runAsNonRoot: z.boolean().nullish(),
  runAsUser: z.number().nullish(),
  seccompProfile: z.looseObject({ type: z.string() }).nullish(),
  capabilities: z
    .looseObject({ add: z.array(z.string()).nullish(), drop: z.array(z.string()).nullish() })
    .nullish(),
});

function containerNeeds(container: ContainerSpec, spec: PodSpec): Need[] {
  const own = contextSchema.safeParse(container.securityContext ?? {}).data ?? {};
  const pod = contextSchema.safeParse(spec.securityContext ?? {}).data ?? {};
  const added = own.capabilities?.add ?? [];
  const beyond = added.filter((name) => !baselineCapabilities.has(name));
  const user = own.runAsUser ?? pod.runAsUser;
  const restricted: readonly (readonly [boolean, string])[] = [
    [(own.runAsNonRoot ?? pod.runAsNonRoot) !== true || user === 0, 'runs as root'],
    [own.allowPrivilegeEscalation !== false, 'may escalate privileges'],
    [own.capabilities?.drop?.includes('ALL') !== true, 'keeps default capabilities'],
    [(own.seccompProfile ?? pod.seccompProfile) === undefined, 'has no seccomp profile'],
    [added.some((name) => name !== 'NET_BIND_SERVICE'), 'adds capabilities'],
  ];
  return [
    ...(own.privileged === true ? [{ level: 'privileged', what: 'privileged' } as const] : []),
    ...beyond.map((name) => ({ level: 'privileged', what: `capability ${name}` }) as const),
    ...(container.ports ?? []).flatMap(({ hostPort }) =>
      hostPort ? [{ level: 'privileged', what: `host port ${String(hostPort)}` } as const] : [],
    ),
    ...restricted
      .filter(([isSo]) => isSo)
      .map(
        ([, what]) => ({ level: 'baseline', what: `container ${container.name} ${what}` }) as const,
      ),
  ];
}
