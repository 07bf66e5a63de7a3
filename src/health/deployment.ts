import type { GroupLayout, Layout, PlacedGroup, RefusedGroup } from '../layout/index.ts';
import { formatRef } from '../manifest/index.ts';
import type { Canary } from './canary/canary.ts';
import { summarizeChecks } from './check-summary.ts';
import { groupRef } from './group/expected-pod.ts';
import { judgeGroup } from './group/group.ts';
import type { GroupFacts } from './group/group-facts.ts';
import { isAskedCheck } from './probe.ts';
import type { GroupHealth, HealthReport } from './report.ts';
import { worstVerdict } from './verdict.ts';

/** Judges every group of a layout; a group without a place is `unknown`, as nothing was checked. */
export function judgeGroups(
  layout: Layout,
  readFacts: (group: PlacedGroup) => GroupFacts,
  canary: Canary,
): readonly GroupHealth[] {
  const { namespace } = layout.spec;
  return layout.groups.map((group) =>
    group.kind === 'placed'
      ? judgeGroup(group, readFacts(group), { namespace, canary })
      : judgeRefused(group, layout),
  );
}

/** Sums up the groups; a deployment without groups is `unknown`. */
export function toReport(layout: Layout, groups: readonly GroupHealth[]): HealthReport {
  const { name, namespace } = layout.spec;
  return {
    apiVersion: 'dsdeploy/v1',
    kind: 'HealthReport',
    deployment: { name, namespace },
    verdict: worstVerdict(groups.map(({ verdict }) => verdict)),
    groups,
    checks: summarizeChecks(groups),
  };
}

/** Groups the layout found a place for. */
export function placedGroups({ groups }: Layout): readonly PlacedGroup[] {
  return groups.filter((group: GroupLayout): group is PlacedGroup => group.kind === 'placed');
}

function judgeRefused(group: RefusedGroup, { spec }: Layout): GroupHealth {
  const ref = groupRef(`${spec.name}-${group.name}`, spec.namespace);
  const reasons = group.reasons.map(({ message }) => message).join('; ');
  const detail = `the layout has no place for this group: ${reasons}`;
  const advice = 'Run `dsdeploy plan` and change the spec until every group fits.';
  return {
    group: group.name,
    ref,
    verdict: 'unknown',
    readyReplicas: 0,
    replicas: group.spec.replicas,
    pods: [],
    checks: [
      {
        id: 'layout',
        level: 'objects',
        subject: formatRef(ref),
        outcome: 'unknown',
        detail,
        advice,
      },
    ],
  };
}

/**
 * Whether everything but the answers of the leaders is in place: every pod is ready and every
 * object settled. Asking earlier would only prove that a server listens.
 */
export function isReadyToAsk(groups: readonly GroupHealth[]): boolean {
  return (
    groups.length > 0 &&
    groups.every(
      ({ pods, checks }) =>
        pods.length > 0 &&
        pods.every(({ verdict }) => verdict === 'healthy') &&
        checks.every(
          ({ id, outcome }) => isAskedCheck(id) || outcome === 'passed' || outcome === 'skipped',
        ),
    )
  );
}
