import type { BareCause, Finding, KnownCause, PodHealth } from '../../../health/index.ts';
import type { HealthCluster } from '../ports.ts';
import type { Evidence } from './evidence.ts';
import { readFindings } from './read-findings.ts';
import { findPlaced } from './signature-context.ts';

export type NamedCause = BareCause & { readonly signature?: KnownCause };

/**
 * Names the known failure behind a cause, of whichever pod of the replica failed first.
 *
 * A pod that is to blame by its status is looked at with its peers: the one that fell first often
 * looks no worse than the others. What only slows a group down is no cause.
 */
export async function nameCause(
  cluster: HealthCluster,
  cause: BareCause,
  evidence: Evidence,
): Promise<NamedCause> {
  const { layout, groups, secrets, remembered } = evidence;
  const group = layout === undefined ? undefined : findPlaced(layout, cause.group);
  if (layout === undefined || group === undefined) return cause;
  const pods = groups.filter((entry) => entry.group === cause.group).flatMap((entry) => entry.pods);
  const blamed = pods.find(({ name }) => cause.subject === `Pod/${layout.spec.namespace}/${name}`);
  if (blamed === undefined) return cause;
  const searched = blamed.verdict === 'unhealthy' ? peersOf(blamed, pods) : [blamed];
  const findings = await readFindings(cluster, {
    layout,
    group,
    pods: searched,
    secrets,
    ...(remembered === undefined ? {} : { remembered }),
  });
  const [finding] = findings.filter(({ weight }) => weight !== 'degraded');
  if (finding === undefined) return cause;
  const failed = searched.find(({ name }) => name === finding.pod) ?? blamed;
  return blame(cause, finding, failed);
}

function peersOf(blamed: PodHealth, pods: readonly PodHealth[]): readonly PodHealth[] {
  return pods.filter(({ groupIndex }) => groupIndex === blamed.groupIndex);
}

function blame(cause: BareCause, finding: Finding, pod: PodHealth): NamedCause {
  const { code, meaning, source, rank, lines, nextStep } = finding;
  const [kind = 'Pod', namespace = 'default'] = cause.subject.split('/');
  // A pod that was made again may have no node yet; the one to blame had.
  const isSame = cause.subject.endsWith(`/${pod.name}`);
  const node = (isSame ? cause.node : undefined) ?? pod.node;
  return {
    code: cause.code,
    group: cause.group,
    subject: `${kind}/${namespace}/${pod.name}`,
    ...(pod.ranks === '' ? {} : { ranks: pod.ranks }),
    ...(node === undefined ? {} : { node }),
    ...(cause.impact === undefined ? {} : { impact: cause.impact }),
    message: `${meaning.replace(/\.$/, '')} (${cause.message})`,
    advice: nextStep,
    signature: { code, meaning, source, rank, lines },
  };
}
