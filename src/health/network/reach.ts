import { isInBlock } from './ip-block.ts';
import {
  type Direction,
  type LabelSelector,
  type NetworkPolicy,
  type PolicyPeer,
  type PolicyPort,
  type PolicyRule,
  selects,
} from './network-policy.ts';

/** A pod as policies see it. */
export interface PolicyPod {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ip?: string;
}

/**
 * `yes` and `no` are what the policies say; `maybe` hangs on something that was not read, such as
 * the labels of a namespace.
 */
export type Reach = 'yes' | 'maybe' | 'no';

/** Traffic at one end; `any` port is that of ranks, which choose theirs when they start. */
export interface Traffic {
  readonly direction: Direction;
  readonly port: number | 'any';
  readonly protocol: 'TCP' | 'UDP';
  readonly other: (peer: PolicyPeer) => Reach;
}

const order = { no: 0, maybe: 1, yes: 2 } as const satisfies Record<Reach, number>;

/** Tells whether policies let traffic in or out of a pod: one that no policy selects is open. */
export function canPass(
  pod: PolicyPod,
  traffic: Traffic,
  policies: readonly NetworkPolicy[],
): Reach {
  const own = policies.filter(
    ({ podSelector, rules }) =>
      rules[traffic.direction] !== undefined && selects(podSelector, pod.labels),
  );
  if (own.length === 0) return 'yes';
  const rules = own.flatMap((policy) => policy.rules[traffic.direction] ?? []);
  return best(rules.map((rule) => passesRule(rule, traffic)));
}

/** Matches a peer with one pod of the namespace of the policies. */
export function isPod(pod: PolicyPod): (peer: PolicyPeer) => Reach {
  return ({ podSelector, namespaceSelector, ipBlock }) => {
    if (ipBlock) return pod.ip === undefined ? 'maybe' : toReach(isInside(pod.ip, ipBlock));
    const isSelected = selects(podSelector ?? {}, pod.labels);
    if (!isSelected) return 'no';
    return namespaceSelector ? isNamespace(namespaceSelector, pod.namespace) : 'yes';
  };
}

/** Matches a peer with anything at all. */
export function isAnybody(): Reach {
  return 'yes';
}

/** Matches a peer with something outside the namespace; which it is cannot be told from here. */
export function isOutside({ podSelector, namespaceSelector, ipBlock }: PolicyPeer): Reach {
  const isOwnNamespace = podSelector && !namespaceSelector && !ipBlock;
  return toReach(!isOwnNamespace);
}

function passesRule({ peers, ports }: PolicyRule, { port, protocol, other }: Traffic): Reach {
  const isOpen = ports.length === 0 || ports.some((entry) => covers(entry, port, protocol));
  if (!isOpen) return 'no';
  return peers.length === 0 ? 'yes' : best(peers.map(other));
}

function covers(entry: PolicyPort, wanted: number | 'any', protocol: string): boolean {
  if ((entry.protocol ?? 'TCP') !== protocol) return false;
  const { port, endPort } = entry;
  if (port === undefined || port === null) return true;
  if (wanted === 'any') return false;
  // A name stands for whatever port of the pod has it; ours are the only ones that serve.
  if (typeof port === 'string') return true;
  return wanted === port || (endPort != null && wanted > port && wanted <= endPort);
}

/** Kubernetes labels every namespace with its name; other labels are not read. */
function isNamespace(selector: LabelSelector, namespace: string): Reach {
  const nameLabel = 'kubernetes.io/metadata.name';
  const keys = [
    ...Object.keys(selector.matchLabels ?? {}),
    ...(selector.matchExpressions ?? []).map(({ key }) => key),
  ];
  if (keys.every((key) => key === nameLabel)) {
    return toReach(selects(selector, { [nameLabel]: namespace }));
  }
  return 'maybe';
}

function isInside(ip: string, { cidr, except }: NonNullable<PolicyPeer['ipBlock']>): boolean {
  return isInBlock(ip, cidr) && !(except ?? []).some((hole) => isInBlock(ip, hole));
}

function toReach(isReached: boolean | undefined): Reach {
  return isReached ? 'yes' : 'no';
}

function best(reaches: readonly Reach[]): Reach {
  return reaches.reduce<Reach>((found, next) => (order[next] > order[found] ? next : found), 'no');
}

/** Traffic has to pass at both ends. */
export function both(first: Reach, second: Reach): Reach {
  return order[first] < order[second] ? first : second;
}
