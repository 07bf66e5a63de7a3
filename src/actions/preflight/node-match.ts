import type { NodeFact, NodeTaint } from './facts.ts';
import type { NodeExpression, PodSpec, TolerationSpec } from './pod-spec.ts';

/** Whether a node carries what a pod's selector and required affinity ask for. */
export function matchesNode(spec: PodSpec, { labels }: Pick<NodeFact, 'labels'>): boolean {
  const selected = Object.entries(spec.nodeSelector ?? {}).every(
    ([key, value]) => labels[key] === value,
  );
  const terms =
    spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  if (!selected || terms === undefined) return selected;
  return terms.some(({ matchExpressions }) =>
    (matchExpressions ?? []).every((expression) => matchesExpression(expression, labels)),
  );
}

function matchesExpression(
  { key, operator, values }: NodeExpression,
  labels: NodeFact['labels'],
): boolean {
  const value = labels[key];
  const listed = value !== undefined && (values ?? []).includes(value);
  switch (operator) {
    case 'In':
      return listed;
    case 'NotIn':
      return !listed;
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return Number(value) > Number(values?.[0]);
    case 'Lt':
      return Number(value) < Number(values?.[0]);
    default:
      return false;
  }
}

/** The taints that keep a pod off a node. */
export function untoleratedTaints(
  spec: PodSpec,
  { taints }: Pick<NodeFact, 'taints'>,
): NodeTaint[] {
  const tolerations = spec.tolerations ?? [];
  return taints.filter(
    (taint) =>
      taint.effect !== 'PreferNoSchedule' &&
      // Cordons are told as such.
      taint.key !== 'node.kubernetes.io/unschedulable' &&
      !tolerations.some((toleration) => tolerates(toleration, taint)),
  );
}

function tolerates(toleration: TolerationSpec, taint: NodeTaint): boolean {
  const { key, value, effect } = toleration;
  const operator = toleration.operator ?? 'Equal';
  if (effect && effect !== taint.effect) return false;
  if (!key) return operator === 'Exists';
  if (key !== taint.key) return false;
  return operator === 'Exists' || (value ?? '') === taint.value;
}
