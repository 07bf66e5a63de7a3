export type { EngineGroupProps } from './engine-group.ts';
export type { EnginePodProps, PodUser } from './engine-pod.ts';
export type { WeightsVolume } from './engine-volumes.ts';
export {
  groupSelector,
  instanceLabels,
  instanceSelector,
  metadataKeys,
  servesApi,
} from './labels.ts';
export { NamespaceChart, type PodSecurityLevel } from './namespace-chart.ts';
export type { ApiPeer } from './network-policies.ts';
export type { ObservabilityProps } from './observability.ts';
export type { AlertRule } from './resources/prometheus-rule.ts';
export { ServingChart, type ServingChartProps } from './serving-chart.ts';
