import { formatRef } from '../../../manifest/index.ts';
import type { PreflightFinding } from '../../../plan/index.ts';
import { formatQuantity } from '../../../units/index.ts';
import type { NodeFact, PreflightInput } from '../facts.ts';
import { matchesNode, untoleratedTaints } from '../node-match.ts';
import { lackOf, type Place, type PlaceOptions, placeWorkloads } from '../place-workloads.ts';
import { type Amounts, addAmounts } from '../pod-spec.ts';
import { type PodDemand, podCount, type Workload } from '../workload.ts';
import { unknownFinding } from './unknown.ts';

/** One question after another, each with more of reality in it; the first that fails is the cause. */
interface Stage {
  readonly code: PreflightFinding['code'];
  readonly places: readonly Place[];
  readonly options: PlaceOptions;
  describe(workload: Workload): Pick<PreflightFinding, 'what' | 'fix' | 'command'>;
}

/** Most nodes named in one finding. */
const namedNodes = 6;

/** Checks that there are nodes for every copy of every workload, and that they have room now. */
export function checkNodes(input: PreflightInput): PreflightFinding[] {
  const { workloads, facts } = input;
  if (workloads.length === 0) return [];
  const where = 'the cluster';
  if (facts.nodes.kind === 'unreadable') {
    const check = 'whether there are nodes for the pods';
    const command = `kubectl get nodes -l ${selectorText(workloads[0]?.pods[0])}`;
    return [unknownFinding({ check, where, command }, facts.nodes)];
  }
  const { pods } = facts;
  const unknown =
    pods.kind === 'read'
      ? []
      : [
          unknownFinding(
            {
              check: 'whether devices, memory and CPUs of the nodes are free',
              where,
              command: 'kubectl describe nodes',
            },
            pods,
          ),
        ];
  return [...findLacks(workloads, stagesOf(input, facts.nodes.value)), ...unknown];
}

function findLacks(workloads: readonly Workload[], stages: readonly Stage[]): PreflightFinding[] {
  const told = new Set<Workload>();
  return stages.flatMap((stage) => {
    const placed = placeWorkloads(workloads, stage.places, stage.options);
    return workloads.flatMap((workload, index): PreflightFinding[] => {
      const copies = placed[index] ?? 0;
      if (told.has(workload) || copies >= workload.copies) return [];
      told.add(workload);
      const text = stage.describe(workload);
      const share = `${String(copies)} of ${String(workload.copies)}`;
      return [
        {
          code: stage.code,
          level: canPreempt(stage, workload) ? 'warning' : 'error',
          ...text,
          what: `There is room for ${share} ${workload.copies === 1 ? 'copy' : 'copies'} of ${String(podCount({ ...workload, copies: 1 }))} pods: ${text.what}`,
          where: formatRef(workload.ref),
        },
      ];
    });
  });
}

/** With a priority of their own the pods may push others off a busy node. */
function canPreempt({ code }: Stage, { pods }: Workload): boolean {
  return code === 'NODES_BUSY' && pods.every(({ spec }) => Boolean(spec.priorityClassName));
}

function stagesOf({ facts }: PreflightInput, nodes: readonly NodeFact[]): Stage[] {
  const any = { domains: false, accepts: () => true };
  const empty = nodes.map((node) => ({ node, free: node.allocatable }));
  // Pods of ours make room for their successors.
  const others = facts.pods.kind === 'read' ? facts.pods.value.filter(({ ours }) => !ours) : [];
  const free = freePlaces(nodes, others);
  return [
    {
      code: 'NODES_MISSING',
      places: nodes.map((node) => ({ node })),
      options: any,
      describe: (workload) => describeMissing(workload, nodes),
    },
    {
      code: 'NODES_UNUSABLE',
      places: empty,
      options: { domains: false, accepts },
      describe: (workload) => describeUnusable(workload, nodes),
    },
    {
      code: 'NODES_BUSY',
      places: free,
      options: { domains: false, accepts },
      describe: (workload) => describeBusy(workload, free),
    },
    {
      code: 'TOPOLOGY_DOMAINS_MISSING',
      places: free,
      options: { domains: true, accepts },
      describe: describeDomains,
    },
  ];
}

/** Each node with what the pods given leave of it. */
export function freePlaces(
  nodes: readonly NodeFact[],
  pods: readonly { readonly node: string; readonly requests: Amounts }[],
): Place[] {
  const taken = new Map<string, Amounts>();
  for (const { node, requests } of pods) {
    taken.set(node, addAmounts(taken.get(node) ?? {}, requests));
  }
  return nodes.map((node) => ({
    node,
    free: addAmounts(node.allocatable, taken.get(node.name) ?? {}, -1),
  }));
}

/** Whether a pod may be on a node, but for what runs there. */
export function accepts(pod: PodDemand, node: NodeFact): boolean {
  return obstacles(pod, node).length === 0;
}

/** Why a pod cannot be on a node that its selector matches, whatever else runs there. */
function obstacles(pod: PodDemand, node: NodeFact): string[] {
  const taints = untoleratedTaints(pod.spec, node).map(
    ({ key, value, effect }) => `taint ${key}${value === '' ? '' : `=${value}`}:${effect}`,
  );
  const small = lackOf(pod.requests, node.allocatable).map(
    (resource) =>
      `${amountText(resource, pod.requests)} and it has ${amountText(resource, node.allocatable)}`,
  );
  return [
    ...(node.ready ? [] : ['not Ready']),
    ...(node.cordoned ? ['cordoned'] : []),
    ...taints,
    ...small.map((text) => `needs ${text}`),
  ];
}

function amountText(resource: string, amounts: Amounts): string {
  return `${resource} ${formatQuantity(resource, Math.max(0, amounts[resource] ?? 0))}`;
}

function describeMissing(workload: Workload, nodes: readonly NodeFact[]) {
  const [pod] = workload.pods;
  const matched = nodes.filter((node) => pod !== undefined && matchesNode(pod.spec, node)).length;
  return {
    what: `${String(matched)} of ${String(nodes.length)} nodes carry ${selectorText(pod)}, and ${String(podCount(workload))} are needed, one per pod`,
    fix: 'Correct `pools.*.nodeSelector` or label the nodes; or lower `nodes` or `replicas` of the group.',
    command: `kubectl get nodes -l ${selectorText(pod)}`,
  };
}

function describeUnusable(workload: Workload, nodes: readonly NodeFact[]) {
  const texts = workload.pods.flatMap((pod) =>
    nodes
      .filter((node) => matchesNode(pod.spec, node))
      .flatMap((node) => {
        const reasons = obstacles(pod, node);
        return reasons.length === 0 ? [] : [`${node.name} ${reasons.join(', ')}`];
      }),
  );
  return {
    what: `nodes that match cannot be used: ${listNodes(texts)}`,
    fix: 'Mend or uncordon the nodes, add `pools.*.tolerations`, or lower `pools.*.pod`.',
    command: `kubectl describe nodes -l ${selectorText(workload.pods[0])}`,
  };
}

function describeBusy(workload: Workload, places: readonly Place[]) {
  const texts = workload.pods.flatMap((pod) =>
    places.flatMap(({ node, free = {} }) => {
      if (!matchesNode(pod.spec, node) || obstacles(pod, node).length > 0) return [];
      const lack = lackOf(pod.requests, free);
      const parts = lack.map(
        (resource) =>
          `${amountText(resource, free)} of ${formatQuantity(resource, pod.requests[resource] ?? 0)} free`,
      );
      return parts.length === 0 ? [] : [`${node.name} has ${parts.join(', ')}`];
    }),
  );
  return {
    what: `pods of others hold what is needed${texts.length === 0 ? ', or other groups of this deployment do' : `: ${listNodes(texts)}`}`,
    fix: 'Wait for the pods of others to end, move them, or use another pool.',
    command: `kubectl describe nodes -l ${selectorText(workload.pods[0])}`,
  };
}

function describeDomains({ topologyKey = '', copies, pods }: Workload) {
  const size = pods.reduce((sum, { count }) => sum + count, 0);
  return {
    what: `each copy takes one whole value of ${topologyKey} with ${String(size)} free nodes, and there are not ${String(copies)} such values`,
    fix: 'Label the nodes with their domain, or leave out `pools.*.topologyKey`.',
    command: `kubectl get nodes -L ${topologyKey}`,
  };
}

function listNodes(texts: readonly string[]): string {
  const distinct = [...new Set(texts)].toSorted();
  const rest = distinct.length - namedNodes;
  return [...distinct.slice(0, namedNodes), ...(rest > 0 ? [`and ${String(rest)} more`] : [])].join(
    '; ',
  );
}

function selectorText(pod: PodDemand | undefined): string {
  const entries = Object.entries(pod?.spec.nodeSelector ?? {});
  return entries.map(([key, value]) => `${key}=${value}`).join(',') || 'kubernetes.io/os=linux';
}

/** Tells which architecture the images have to be for; a wrong one fails after the pull only. */
export function checkArchitecture({ workloads, facts }: PreflightInput): PreflightFinding[] {
  if (facts.nodes.kind === 'unreadable') return [];
  const nodes = facts.nodes.value;
  return workloads.flatMap(({ ref, pods }): PreflightFinding[] => {
    const matched = nodes.filter((node) => pods.some(({ spec }) => matchesNode(spec, node)));
    const found = new Set(matched.flatMap(({ labels }) => labels['kubernetes.io/arch'] ?? []));
    const architectures = [...found].toSorted();
    const isPlain = architectures.length === 0 || (found.size === 1 && found.has('amd64'));
    if (isPlain) return [];
    const images = pods.flatMap(({ spec }) => spec.containers.map(({ image }) => image ?? ''));
    const distinct = [...new Set(images)].join(', ');
    const isMixed = architectures.length > 1;
    return [
      {
        code: 'IMAGE_ARCHITECTURE',
        level: isMixed ? 'warning' : 'info',
        what: `The nodes are ${architectures.join(' and ')}: ${distinct} has to be for ${isMixed ? 'both' : `linux/${architectures[0] ?? ''}`}`,
        where: formatRef(ref),
        fix: isMixed
          ? 'Add kubernetes.io/arch to `pools.*.nodeSelector`.'
          : 'Look at the platforms of the image before it is pulled to all nodes.',
        command: `kubectl get nodes -l ${selectorText(pods[0])} -L kubernetes.io/arch`,
      },
    ];
  });
}
