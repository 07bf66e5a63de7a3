import type { Cluster } from '../../cluster/index.ts';
import type { Clock, Host } from '../host.ts';

/** What reading health asks of a cluster: it changes nothing. */
export type HealthCluster = Pick<Cluster, 'get' | 'list' | 'readLogs' | 'openPortForward'>;

export interface HealthPorts {
  readonly cluster: HealthCluster;
  readonly clock: Clock;
}

export interface WaitPorts {
  readonly cluster: HealthCluster & Pick<Cluster, 'watch'>;
  readonly host: Pick<Host, 'notify'>;
  readonly clock: Clock;
}
