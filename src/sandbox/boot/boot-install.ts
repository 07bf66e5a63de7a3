import { silentLogFile } from '../agent-config.ts';
import type { ApiClient, ApiObject } from '../api-client.ts';
import { applyObjects } from '../apply-objects.ts';
import { agentFile } from '../assets.ts';
import type { SandboxBinaries } from '../build/binaries.ts';
import { readManifests } from '../manifest-files.ts';
import type { NodeObject } from '../node-pool.ts';
import type { SandboxPaths } from '../paths.ts';
import { agentConfigFile } from './boot-files.ts';
import type { BootSession } from './boot-session.ts';
import { type CommandOptions, kwokArgs, lwsArgs } from './control-plane.ts';
import { localWebhooks } from './lws.ts';
import { readPodStages } from './stages.ts';

const apiTimeoutMs = 60_000;

/** Custom resources that a component needs when it starts, else it waits long or ends. */
const lwsApis = [
  '/apis/leaderworkerset.x-k8s.io/v1/leaderworkersets',
  '/apis/disaggregatedset.x-k8s.io/v1/disaggregatedsets',
];
const kwokApis = ['stages', 'logs', 'clusterlogs', 'portforwards', 'clusterportforwards'].map(
  (plural) => `/apis/kwok.x-k8s.io/v1alpha1/${plural}`,
);

export interface BootOptions {
  readonly name: string;
  readonly paths: SandboxPaths;
  readonly programs: SandboxBinaries;
  readonly nodes: readonly NodeObject[];
  readonly podReadyDelayMs: number;
}

/** Creates nodes, installs LeaderWorkerSet and kwok, and starts what works on them. */
export async function install(
  client: ApiClient,
  command: CommandOptions,
  options: BootOptions,
  session: BootSession,
): Promise<void> {
  await Promise.all([
    installLws(client, command, options, session),
    installKwok(client, command, options, session),
    applyObjects(client, options.nodes),
  ]);
}

async function installLws(
  client: ApiClient,
  command: CommandOptions,
  { programs: { manifests, binaries } }: BootOptions,
  session: BootSession,
): Promise<void> {
  await applyObjects(client, await readManifests(manifests['lws-crds']));
  await waitForApis(client, lwsApis, session);
  const webhooks = await readManifests(manifests['lws-webhook']);
  const { ports, certificates } = command;
  await Promise.all([
    session.start('lws-manager', binaries['lws-manager'], lwsArgs(command)),
    applyObjects(client, localWebhooks(webhooks, ports.lwsWebhook, certificates.authorityPem)),
  ]);
}

async function installKwok(
  client: ApiClient,
  command: CommandOptions,
  { programs: { manifests, binaries }, paths, podReadyDelayMs }: BootOptions,
  session: BootSession,
): Promise<void> {
  await applyObjects(client, await readManifests(manifests['kwok-crds']));
  await waitForApis(client, kwokApis, session);
  const [kwokStages, podStages] = await Promise.all([
    readManifests(manifests['kwok-stages']),
    readPodStages(podReadyDelayMs),
  ]);
  // Before kwok starts: it reads all stages at once then, but may miss one of several that come
  // shortly after each other.
  await applyObjects(client, [
    ...podStages,
    ...kwokStages.map(withStandardStorageClass),
    defaultPodLogs(paths),
  ]);
  await Promise.all([
    session.start('kwok', binaries.kwok, kwokArgs(command)),
    session.start('agent', process.execPath, [agentFile(), agentConfigFile(paths)]),
  ]);
}

/**
 * Waits until custom resources are served and discovery lists them, which comes a moment later: a
 * controller that does not find its kind there looks again after 10 s. Asking for the CRDs would move
 * megabytes each time.
 */
async function waitForApis(
  client: ApiClient,
  paths: readonly string[],
  session: BootSession,
): Promise<void> {
  await session.waitFor('kube-apiserver', apiTimeoutMs, async () => {
    for (const path of paths) await client.send({ method: 'GET', path: `${path}?limit=1` });
    const listed = await readDiscovery(client);
    const late = paths.filter((path) => !listed.has(path));
    if (late.length > 0) throw new Error(`discovery does not list ${late.join(', ')} yet`);
  });
}

/** Paths of all resources, as controllers find them. */
async function readDiscovery(client: ApiClient): Promise<ReadonlySet<string>> {
  const { items } = await client.send<{ readonly items: readonly DiscoveredGroup[] }>({
    method: 'GET',
    path: '/apis',
    accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  });
  return new Set(
    items.flatMap(({ metadata, versions }) =>
      versions.flatMap(({ version, resources }) =>
        resources.map(({ resource }) => `/apis/${metadata.name}/${version}/${resource}`),
      ),
    ),
  );
}

interface DiscoveredGroup {
  readonly metadata: { readonly name: string };
  readonly versions: readonly {
    readonly version: string;
    readonly resources: readonly { readonly resource: string }[];
  }[];
}

/** Gives kwok's volume provisioner the class name that clusters usually have. */
function withStandardStorageClass(object: ApiObject): ApiObject {
  return JSON.parse(JSON.stringify(object).replaceAll('kwok-volume', 'standard')) as ApiObject;
}

/** Lets `kubectl logs` answer, with nothing, for pods that run no process. */
function defaultPodLogs(paths: SandboxPaths): ApiObject {
  return {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'ClusterLogs',
    metadata: { name: 'no-process' },
    ...{ spec: { logs: [{ logsFile: silentLogFile(paths.podLogs) }] } },
  };
}
