export type {
  AccessRequest,
  ApplyOptions,
  ApplyOutcome,
  Cluster,
  DeleteOptions,
  KindRef,
  ListOptions,
  LiveObject,
  PortForward,
  WatchEvent,
  WatchOptions,
} from './cluster.ts';
export type { OpenedCluster } from './kubernetes-cluster.ts';
export { type OpenClusterOptions, openCluster } from './open-cluster.ts';
