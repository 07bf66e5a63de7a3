// Holds the lock of a deployment until it is killed: `hold-lock.ts KUBECONFIG NAMESPACE NAME`.
import { takeLock } from '../../src/actions/lock/index.ts';
import { openCluster } from '../../src/cluster/index.ts';
import { nodeClock } from '../../src/commands/process/node-clock.ts';
import { RecordingHost } from '../actions/recording-host.ts';

const [kubeconfig = '', namespace = '', name = ''] = process.argv.slice(2);

const cluster = await openCluster({ kubeconfig });
await takeLock(
  {
    deployment: { name, namespace },
    owner: { operator: 'bob@desk', processId: process.pid },
    what: `apply "${name}"`,
  },
  { cluster, host: new RecordingHost(), clock: nodeClock },
);
process.stdout.write('held\n');
// The lock's own timer keeps nobody alive.
setInterval(() => undefined, 1000);
