import type { PlacedGroup } from '../../layout/index.ts';
import type { Manifest } from '../../manifest/index.ts';
import { lwsLabel } from '../group/lws-label.ts';
import type { Reading } from '../reading.ts';
import type { Check } from '../report.ts';
import { expectedEndpoints } from '../serving-endpoint.ts';
import { type NetworkPolicy, parseNetworkPolicy } from './network-policy.ts';
import { both, canPass, isAnybody, isOutside, isPod, type PolicyPod, type Reach } from './reach.ts';

export interface NetworkFacts {
  readonly namespace: string;
  /** Every NetworkPolicy of the namespace; absent before they were read. */
  readonly policies: Reading<readonly Manifest[]> | undefined;
  /** Pods of the group that exist. */
  readonly pods: readonly Manifest[];
}

type Judgement = Omit<Check, 'id' | 'level' | 'subject'>;

/** One way that has to be open, and what the policies say about it. */
interface Way {
  readonly text: string;
  readonly impact: string;
  readonly reach: Reach;
  /** Pod at whose end it is closed. */
  readonly pod: string;
}

const dnsPort = 53;

/**
 * Judges whether the NetworkPolicies of the namespace leave a group what it needs: its ranks each
 * other, DNS, and clients the API.
 *
 * It reads the policies and sends nothing. What a network plug-in does beside them, and policies of
 * its own kinds, are not seen; but a group that is cut by a policy looks from outside like one that
 * loads for ever.
 */
export function judgeNetworkPolicy(group: PlacedGroup, facts: NetworkFacts): Check {
  const { subject, ...judgement } = judge(group, facts);
  return { id: 'network-policy', level: 'objects', subject, ...judgement };
}

function judge(
  group: PlacedGroup,
  { namespace, policies, pods }: NetworkFacts,
): Judgement & Pick<Check, 'subject'> {
  const subject = `Namespace/${namespace}`;
  if (policies === undefined || pods.length === 0) {
    return { subject, outcome: 'pending', detail: 'waits for pods and policies to be read' };
  }
  if (policies.kind === 'unreadable') {
    const advice = `Ask for the right to look: \`kubectl auth can-i list networkpolicies.networking.k8s.io -n ${namespace}\`.`;
    return { subject, outcome: 'unknown', detail: policies.reason, advice };
  }
  if (pods.some(usesHostNetwork)) {
    const detail = 'the pods use the network of their hosts, which NetworkPolicy does not cover';
    return { subject, outcome: 'skipped', detail };
  }
  const parsed = policies.value.flatMap((object) => parseNetworkPolicy(object) ?? []);
  if (parsed.length < policies.value.length) {
    const detail = 'a NetworkPolicy has a shape this version of dsdeploy does not know';
    return { subject, outcome: 'unknown', detail };
  }
  return { subject, ...judgeWays(waysOf(group, pods.map(toPolicyPod), parsed), namespace) };
}

function judgeWays(ways: readonly Way[], namespace: string): Judgement & Partial<Check> {
  const advice = `Compare the policies with what dsdeploy renders: \`kubectl get networkpolicy -n ${namespace}\` and \`dsdeploy plan\`.`;
  const closed = ways.filter(({ reach }) => reach === 'no');
  const [first] = closed;
  if (first !== undefined) {
    const more = closed.length === 1 ? '' : `, and ${closed.length - 1} more such ways`;
    return {
      subject: `Pod/${namespace}/${first.pod}`,
      outcome: 'failed',
      detail: `NetworkPolicies of the namespace ${first.text}${more}`,
      impact: first.impact,
      advice,
    };
  }
  const open = ways.find(({ reach }) => reach === 'maybe');
  if (open !== undefined) {
    const detail = `whether NetworkPolicies ${open.text} hangs on labels or addresses that were not read`;
    return { outcome: 'unknown', detail, advice };
  }
  const detail = 'NetworkPolicies leave the ranks each other, DNS, and clients the API';
  return { outcome: 'passed', detail };
}

function waysOf(
  group: PlacedGroup,
  pods: readonly PolicyPod[],
  policies: readonly NetworkPolicy[],
): readonly Way[] {
  const endpoints = expectedEndpoints(group);
  const inGroup = pods.flatMap((from) =>
    pods
      .filter((to) => to !== from && copyOf(to) === copyOf(from))
      .map((to) => inGroupWay(from, to, policies)),
  );
  const dns = group.podsPerGroup === 1 ? [] : pods.map((pod) => dnsWay(pod, policies));
  const clients = endpoints.flatMap(({ pod: { name }, port }) => {
    const pod = pods.find((entry) => entry.name === name);
    if (pod === undefined) return [];
    const traffic = { direction: 'ingress', port, protocol: 'TCP', other: isAnybody } as const;
    const reach = canPass(pod, traffic, policies);
    const text = `let no client reach ${name} at port ${port}`;
    return [{ text, reach, pod: name, impact: 'No request reaches the API.' }];
  });
  return [...inGroup, ...dns, ...clients];
}

function inGroupWay(from: PolicyPod, to: PolicyPod, policies: readonly NetworkPolicy[]): Way {
  const open = { port: 'any', protocol: 'TCP' } as const;
  const out = canPass(from, { ...open, direction: 'egress', other: isPod(to) }, policies);
  const into = canPass(to, { ...open, direction: 'ingress', other: isPod(from) }, policies);
  return {
    text: `cut ${from.name} from ${to.name} (${out === 'no' ? 'egress' : 'ingress'}); ranks need every TCP port of each other`,
    impact: 'The group cannot start, or hangs at the next connection between its ranks.',
    reach: both(out, into),
    pod: out === 'no' ? from.name : to.name,
  };
}

/** Workers look up the name of their leader when they start. */
function dnsWay(pod: PolicyPod, policies: readonly NetworkPolicy[]): Way {
  const traffic = { direction: 'egress', port: dnsPort, other: isOutside } as const;
  const reaches = (['UDP', 'TCP'] as const).map((protocol) =>
    canPass(pod, { ...traffic, protocol }, policies),
  );
  return {
    text: `keep ${pod.name} from DNS (egress to port ${dnsPort})`,
    impact: 'The group cannot start again: its workers do not find their leader.',
    reach: reaches.includes('yes') ? 'yes' : reaches.includes('maybe') ? 'maybe' : 'no',
    pod: pod.name,
  };
}

/** Index of the copy of the group a pod belongs to. */
function copyOf({ labels }: PolicyPod): string {
  return labels[lwsLabel.groupIndex] ?? '';
}

function usesHostNetwork({ spec }: Manifest): boolean {
  return (
    typeof spec === 'object' && spec !== null && 'hostNetwork' in spec && spec.hostNetwork === true
  );
}

function toPolicyPod({ metadata, status }: Manifest): PolicyPod {
  const ip = typeof status === 'object' && status !== null && 'podIP' in status ? status.podIP : '';
  return {
    name: metadata.name,
    namespace: metadata.namespace ?? 'default',
    labels: metadata.labels ?? {},
    ...(typeof ip === 'string' && ip !== '' ? { ip } : {}),
  };
}
