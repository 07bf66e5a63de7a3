import { formatRef, identityOf } from '../../manifest/index.ts';
import type { Change, Disruption, Plan, PreflightFinding, Surge } from '../../plan/index.ts';
import type { PreflightInput } from './facts.ts';
import { isAlone, placeWorkloads } from './place-workloads.ts';
import { accepts, freePlaces } from './rules/nodes.ts';

/** Tells of every update that adds groups for a while how many of them find free nodes. */
export function withSurgeRoom(plan: Plan, input: PreflightInput): Plan {
  return { ...plan, changes: plan.changes.map((change) => withRoom(change, input)) };
}

/** Findings about updates whose roll-out would wait for nodes that are not free. */
export function checkSurge(plan: Plan): PreflightFinding[] {
  return plan.changes.flatMap((change) => {
    const surge = change.action === 'update' ? change.disruption?.surge : undefined;
    return surge === undefined ? [] : judgeSurge(surge, formatRef(change.ref));
  });
}

function withRoom(change: Change, input: PreflightInput): Change {
  if (change.action !== 'update' || change.disruption?.surge === undefined) return change;
  const { disruption } = change;
  const { surge } = change.disruption;
  const groupsWithRoom = countRoom(change, surge, input);
  if (groupsWithRoom === undefined) return change;
  const told: Disruption = { ...disruption, surge: { ...surge, groupsWithRoom } };
  return { ...change, disruption: told };
}

/** How many surge groups find nodes beside everything that runs, ours included. */
function countRoom(
  { ref }: Change,
  surge: Surge,
  { workloads, facts: { nodes, pods } }: PreflightInput,
): number | undefined {
  const workload = workloads.find((one) => identityOf(one.ref) === identityOf(ref));
  if (workload === undefined || nodes.kind === 'unreadable' || pods.kind === 'unreadable')
    return undefined;
  const ours = new Set(pods.value.flatMap(({ node, ours: isOurs }) => (isOurs ? [node] : [])));
  const standsAlone = workload.pods.some(isAlone);
  const usable = nodes.value.filter(({ name }) => !(standsAlone && ours.has(name)));
  const [placed = 0] = placeWorkloads(
    [{ ...workload, copies: surge.groups }],
    freePlaces(usable, pods.value),
    { domains: true, accepts },
  );
  return placed;
}

function judgeSurge(
  { groups, pods, devices, groupsWithRoom, mustFit, stays = false }: Surge,
  where: string,
): PreflightFinding[] {
  const amounts = Object.entries(devices).map(([name, amount]) => `${String(amount)} ${name}`);
  const need = `${String(groups)} more ${groups === 1 ? 'copy' : 'copies'} of the model (${String(pods)} pods, ${amounts.join(', ')})`;
  const command = 'kubectl describe nodes';
  if (groupsWithRoom === undefined) {
    const what = `It could not be checked whether there is room for ${need} while the update rolls out`;
    const fix = 'Ask somebody with the right to read nodes and pods to run the command.';
    return [{ code: 'SURGE_NO_ROOM', level: 'unknown', what, where, fix, command }];
  }
  if (!mustFit || groupsWithRoom >= (stays ? groups : 1)) return [];
  const held = stays
    ? `free nodes can hold ${String(groupsWithRoom)} of them`
    : 'no free nodes can hold one';
  return [
    {
      code: 'SURGE_NO_ROOM',
      level: 'error',
      what: `The update adds ${need} before it takes any away, ${held}, and the roll-out would wait for ever`,
      where,
      fix: stays
        ? 'Free the nodes, or make it two updates: first everything but `replicas`, then `replicas`.'
        : 'Free the nodes, or set `surge: 0`, which takes one copy down at a time.',
      command,
    },
  ];
}
