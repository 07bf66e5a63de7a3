import { ApiClient } from '../api-client.ts';
import { type CertificateFiles, writeCertificates } from '../certificates/certificates.ts';
import { findFreePorts } from '../ports.ts';
import { makeDirectories, writeBootFiles } from './boot-files.ts';
import { type BootOptions, install } from './boot-install.ts';
import { waitUntilUsable } from './boot-ready.ts';
import type { BootSession } from './boot-session.ts';
import {
  apiServerArgs,
  type CommandOptions,
  controllerManagerArgs,
  etcdArgs,
  type SandboxPorts,
  schedulerArgs,
  serverUrl,
} from './control-plane.ts';

const apiServerTimeoutMs = 60_000;

/**
 * Brings a control plane up to where a LeaderWorkerSet can be applied, in about five seconds.
 *
 * Each step starts all that can run side by side. On an error the caller ends what was started.
 */
export async function boot(options: BootOptions, session: BootSession): Promise<string> {
  const { paths, programs } = options;
  await makeDirectories(paths);
  const [certificates, ports] = await Promise.all([
    writeCertificates(paths.certificates),
    choosePorts(),
  ]);
  await writeBootFiles({
    name: options.name,
    paths,
    ports,
    certificates,
    simulatorProgram: programs.binaries['llm-d-inference-sim'],
  });
  const command: CommandOptions = { paths, ports, certificates };
  await session.start('etcd', programs.binaries.etcd, etcdArgs(command));
  await session.start(
    'kube-apiserver',
    programs.binaries['kube-apiserver'],
    apiServerArgs(command),
  );

  const client = adminClient(ports, certificates);
  try {
    await session.waitFor('kube-apiserver', apiServerTimeoutMs, async () => {
      await client.send({ method: 'GET', path: '/readyz' });
    });
    await Promise.all([
      startControllers(command, options, session),
      install(client, command, options, session),
    ]);
    await waitUntilUsable(client, options.nodes, session);
  } finally {
    await client.close();
  }
  return serverUrl(ports);
}

async function choosePorts(): Promise<SandboxPorts> {
  const [etcdClient = 0, etcdPeer = 0, apiServer = 0, kwok = 0, lwsWebhook = 0] =
    await findFreePorts(5);
  return { etcdClient, etcdPeer, apiServer, kwok, lwsWebhook };
}

async function startControllers(
  command: CommandOptions,
  { programs: { binaries } }: BootOptions,
  session: BootSession,
): Promise<void> {
  await session.start(
    'kube-controller-manager',
    binaries['kube-controller-manager'],
    controllerManagerArgs(command),
  );
  await session.start('kube-scheduler', binaries['kube-scheduler'], schedulerArgs(command));
}

function adminClient(ports: SandboxPorts, certificates: CertificateFiles): ApiClient {
  return new ApiClient({
    serverUrl: serverUrl(ports),
    authorityFile: certificates.authority,
    certificateFile: certificates.certificate('admin'),
    keyFile: certificates.key('admin'),
  });
}
