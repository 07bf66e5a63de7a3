import type { PlacedGroup } from '../../layout/index.ts';
import type { Manifest } from '../../manifest/index.ts';
import { lwsLabel } from '../group/lws-label.ts';
import { conditionOf, parsePodStatus } from '../pod/pod-status.ts';
import type { Reading } from '../reading.ts';
import type { Check } from '../report.ts';
import { expectedEndpoints, servingPods } from '../serving-endpoint.ts';
import { readEndpoints, type ServiceEndpoint } from './endpoint-slice.ts';

/** The Service of a deployment and the pods it could hold, all read at one moment. */
export interface ServiceFacts {
  readonly name: string;
  readonly namespace: string;
  readonly service: Reading<Manifest | undefined>;
  readonly slices: Reading<readonly Manifest[]>;
  /** Pods of all groups. */
  readonly pods: Reading<readonly Manifest[]>;
}

type Judgement = Omit<Check, 'id' | 'level' | 'subject'>;

/**
 * Judges whether the Service hands requests to exactly the ready pods of a group that serve.
 *
 * Addresses that belong to no group of the deployment count against every group, as the clients of
 * each reach them.
 */
export function judgeServiceEndpoints(group: PlacedGroup, facts: ServiceFacts): Check {
  return { ...serviceCheck('service-endpoints', facts), ...judge(group, facts) };
}

/** Picks an address of a group that the Service hands out, to send a request to. */
export function pickEndpoint(group: PlacedGroup, facts: ServiceFacts): ServiceEndpoint | undefined {
  if (facts.slices.kind === 'unreadable') return undefined;
  const serving = servingPods(group, facts.pods.kind === 'read' ? facts.pods.value : []);
  return readEndpoints(facts.slices.value)?.find(({ target }) => serving.has(target));
}

/** Fixed parts of a check of the Service. */
export function serviceCheck(
  id: string,
  { name, namespace }: Pick<ServiceFacts, 'name' | 'namespace'>,
): Pick<Check, 'id' | 'level' | 'subject'> {
  return { id, level: 'service', subject: `Service/${namespace}/${name}` };
}

/** Says what nobody outside the cluster's network can try; never a pass. */
export function skipServiceNetwork({ name, namespace }: ServiceFacts, port: number): Check {
  return {
    ...serviceCheck('service-network', { name, namespace }),
    outcome: 'skipped',
    detail:
      'requests went through port-forwards: the Service address, kube-proxy and network policies were not crossed',
    advice: `Ask from a pod that may call it: \`curl -m 5 http://${name}.${namespace}:${port}/health\`.`,
  };
}

function judge(group: PlacedGroup, facts: ServiceFacts): Judgement {
  const { service, slices, pods, name, namespace } = facts;
  for (const reading of [service, slices, pods]) {
    if (reading.kind === 'unreadable') return unknown(reading.reason, namespace);
  }
  if (service.kind === 'read' && service.value === undefined) {
    return {
      outcome: 'failed',
      detail: 'absent from the cluster',
      impact: 'The name clients call does not resolve.',
      advice: 'Run `dsdeploy plan`, then `dsdeploy apply`.',
    };
  }
  const listed = slices.kind === 'read' ? readEndpoints(slices.value) : undefined;
  if (listed === undefined) {
    return unknown('its EndpointSlices have a shape this version does not know', namespace);
  }
  const live = pods.kind === 'read' ? pods.value : [];
  const own = podsOf(group, live);
  const serving = servingPods(group, live);
  const all = podNames(live);
  const advice = `Compare the two: \`kubectl get endpointslices -n ${namespace} -l kubernetes.io/service-name=${name} -o wide\` and \`dsdeploy plan\`.`;
  return compare({ group, own, serving, all, listed, advice });
}

interface Comparison {
  readonly group: PlacedGroup;
  /** Readiness of the pods of this group. */
  readonly own: ReadonlyMap<string, boolean>;
  /** Pods of this group that serve, there or not. */
  readonly serving: ReadonlySet<string>;
  /** Pods of all groups. */
  readonly all: ReadonlySet<string>;
  readonly listed: readonly ServiceEndpoint[];
  readonly advice: string;
}

function compare(comparison: Comparison): Judgement {
  const { own, serving, all, listed, advice } = comparison;
  const mine = listed.filter(({ target }) => own.has(target));
  const problems = findProblems(comparison, mine);
  const [first] = problems;
  if (first !== undefined) {
    const detail = problems.map(({ text }) => text).join('; ');
    return { outcome: 'failed', detail, impact: first.impact, advice };
  }
  const ready = [...serving].filter((name) => own.get(name) === true);
  if (ready.length === 0) return { outcome: 'pending', detail: 'no pod of the group is ready' };
  const strangers = listed.filter(({ target }) => !all.has(target));
  if (strangers.length > 0) {
    return {
      outcome: 'failed',
      detail: `also hands requests to ${names(strangers)}, which no group of the deployment runs`,
      impact: 'Some requests reach something else than this model.',
      advice,
    };
  }
  const detail = `hands requests to ${mine.length} of ${ready.length} ready pods that serve, and to no other pod of the group`;
  return { outcome: 'passed', detail };
}

interface Problem {
  readonly text: string;
  readonly impact: string;
}

function findProblems(
  { group, own, serving, listed }: Comparison,
  mine: readonly ServiceEndpoint[],
): readonly Problem[] {
  const workers = mine.filter(({ target }) => !serving.has(target));
  const unready = mine.filter(({ target }) => serving.has(target) && own.get(target) !== true);
  const missing = [...serving].filter(
    (name) => own.get(name) === true && !listed.some(({ target }) => target === name),
  );
  const ports = new Set(expectedEndpoints(group).map(({ port }) => port));
  const elsewhere = mine.filter(
    (endpoint) => serving.has(endpoint.target) && !endpoint.ports.some((port) => ports.has(port)),
  );
  const problem = (found: readonly unknown[], text: string, impact: string): Problem[] =>
    found.length === 0 ? [] : [{ text, impact }];
  return [
    ...problem(
      workers,
      `hands requests to ${names(workers)}, where nothing answers`,
      'A part of all requests is refused.',
    ),
    ...problem(
      unready,
      `hands requests to ${names(unready)}, not ready`,
      'A part of all requests fails.',
    ),
    ...problem(
      elsewhere,
      `hands requests to ${names(elsewhere)} at port ${elsewhere[0]?.ports.join(', ') || 'none'}, the API is at ${[...ports].join(', ')}`,
      'All requests to these pods are refused.',
    ),
    ...problem(
      missing,
      `hands no requests to ${missing.join(', ')}, ready`,
      missing.length === serving.size && mine.length === 0
        ? 'No request to the Service reaches the group.'
        : 'Capacity of these pods is unused.',
    ),
  ];
}

function podsOf(group: PlacedGroup, pods: readonly Manifest[]): ReadonlyMap<string, boolean> {
  const own = pods.filter(({ metadata }) => metadata.labels?.[lwsLabel.name] === group.objectName);
  return new Map(own.map((pod) => [pod.metadata.name, isReady(pod)]));
}

function isReady(pod: Manifest): boolean {
  const status = parsePodStatus(pod);
  if (status === undefined || status.metadata.deletionTimestamp) return false;
  return conditionOf(status, 'Ready')?.status === 'True';
}

function podNames(pods: readonly Manifest[]): ReadonlySet<string> {
  return new Set(pods.map(({ metadata }) => metadata.name));
}

function names(endpoints: readonly ServiceEndpoint[]): string {
  return endpoints.map(({ target }) => target).join(', ');
}

function unknown(reason: string, namespace: string): Judgement {
  const advice = `Ask for the right to look: \`kubectl auth can-i list endpointslices.discovery.k8s.io -n ${namespace}\`.`;
  return { outcome: 'unknown', detail: reason, advice };
}
