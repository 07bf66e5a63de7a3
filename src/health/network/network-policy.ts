import { z } from 'zod';
import type { Manifest } from '../../manifest/index.ts';

const labels = z.record(z.string(), z.string());

const labelSelector = z.object({
  matchLabels: labels.nullish(),
  matchExpressions: z
    .array(
      z.object({
        key: z.string(),
        operator: z.string(),
        values: z.array(z.string()).nullish(),
      }),
    )
    .nullish(),
});

const peer = z.object({
  podSelector: labelSelector.nullish(),
  namespaceSelector: labelSelector.nullish(),
  ipBlock: z.object({ cidr: z.string(), except: z.array(z.string()).nullish() }).nullish(),
});

const port = z.object({
  port: z.union([z.int(), z.string()]).nullish(),
  endPort: z.int().nullish(),
  protocol: z.string().nullish(),
});

const rule = z.object({
  from: z.array(peer).nullish(),
  to: z.array(peer).nullish(),
  ports: z.array(port).nullish(),
});

const networkPolicy = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    podSelector: labelSelector.nullish(),
    policyTypes: z.array(z.string()).nullish(),
    ingress: z.array(rule).nullish(),
    egress: z.array(rule).nullish(),
  }),
});

export type LabelSelector = z.infer<typeof labelSelector>;
export type PolicyPeer = z.infer<typeof peer>;
export type PolicyPort = z.infer<typeof port>;
export type Direction = 'ingress' | 'egress';

/** One rule of one direction; no peers means everybody, no ports means every port. */
export interface PolicyRule {
  readonly peers: readonly PolicyPeer[];
  readonly ports: readonly PolicyPort[];
}

/** A NetworkPolicy as its rules are read; a direction that is absent is not restricted by it. */
export interface NetworkPolicy {
  readonly name: string;
  readonly podSelector: LabelSelector;
  readonly rules: Readonly<Partial<Record<Direction, readonly PolicyRule[]>>>;
}

/** Reads a policy; `undefined` when the object has another shape. */
export function parseNetworkPolicy(object: Manifest): NetworkPolicy | undefined {
  const parsed = networkPolicy.safeParse(object).data;
  if (parsed === undefined) return undefined;
  const { podSelector, policyTypes, ingress, egress } = parsed.spec;
  // Without types a policy is about ingress, and about egress when it says anything about it.
  const types = policyTypes ?? ['Ingress', ...(egress?.length ? ['Egress'] : [])];
  const toRules = (entries: typeof ingress): readonly PolicyRule[] =>
    (entries ?? []).map(({ from, to, ports }) => ({ peers: from ?? to ?? [], ports: ports ?? [] }));
  return {
    name: parsed.metadata.name,
    podSelector: podSelector ?? {},
    rules: {
      ...(types.includes('Ingress') ? { ingress: toRules(ingress) } : {}),
      ...(types.includes('Egress') ? { egress: toRules(egress) } : {}),
    },
  };
}

/** Whether labels satisfy a selector; an empty selector takes everything. */
export function selects(
  { matchLabels, matchExpressions }: LabelSelector,
  own: Readonly<Record<string, string>>,
): boolean {
  const hasLabels = Object.entries(matchLabels ?? {}).every(([key, value]) => own[key] === value);
  return (
    hasLabels &&
    (matchExpressions ?? []).every(({ key, operator, values }) => {
      const value = own[key];
      switch (operator) {
        case 'In':
          return value !== undefined && (values ?? []).includes(value);
        case 'NotIn':
          return value === undefined || !(values ?? []).includes(value);
        case 'Exists':
          return value !== undefined;
        case 'DoesNotExist':
          return value === undefined;
        default:
          return false;
      }
    })
  );
}
