import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import {
  readHealth,
  type WaitForHealthOptions,
  waitForHealth,
} from '../../src/actions/health/index.ts';
import type { Clock } from '../../src/actions/host.ts';
import { type OpenedCluster, openCluster } from '../../src/cluster/index.ts';
import type { Canary, HealthReport } from '../../src/health/index.ts';
import { type Layout, planLayout } from '../../src/layout/index.ts';
import type { Manifest, ObjectRef } from '../../src/manifest/index.ts';
import { renderManifests } from '../../src/render/index.ts';
import { formatLogLine } from '../../src/sandbox/agent/container-log.ts';
import {
  mintKubeconfig,
  type SandboxState,
  startSandbox,
  stopSandbox,
} from '../../src/sandbox/index.ts';
import type { GroupSpec } from '../../src/spec/index.ts';
import { FakeHost } from '../actions/health/fakes.ts';
import { aGroup, aPool, aSpec } from '../fixtures/a-spec.ts';
import type { OpenAiEndpoint } from '../fixtures/openai-endpoint.ts';

const run = promisify(execFile);

/** The clock of this machine. */
export const clock: Clock = {
  nowMs: () => performance.timeOrigin + performance.now(),
  sleep: (ms, signal) =>
    delay(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
};

/** Key of the deployment; the sandbox's gate asks for it. */
export const apiKey = 'sk-e2e-not-for-eyes';

/** How long a verdict is waited for; generous, since the machine may be busy with other tests. */
const verdictMs = 60_000;

/** Annotation of a pod that stays in its loading state until it is released. */
const heldKey = 'sandbox.dsdeploy.dev/held';

/** One line of a container's log. */
export interface LogEntry {
  readonly atMs: number;
  readonly text: string;
}

export interface ReadOptions {
  readonly canary?: Canary;
  readonly chatMs?: number;
  /** @default - the administrator's */
  readonly cluster?: OpenedCluster;
  /** @default clock */
  readonly clock?: Clock;
}

/** A sandbox with one deployment at a time, and the means to harm it. */
export class HealthSandbox {
  readonly cluster: OpenedCluster;
  /** For what only the sandbox can do: stages, users, its own processes. */
  readonly state: SandboxState;
  /** Folder for files of a test, removed at the end. */
  readonly directory: string;
  readonly #deployed = new Set<Layout>();

  private constructor(state: SandboxState, directory: string, cluster: OpenedCluster) {
    this.state = state;
    this.directory = directory;
    this.cluster = cluster;
  }

  static async start(name: string, nodes: number): Promise<HealthSandbox> {
    const directory = mkdtempSync(join(tmpdir(), `dsdeploy-${name}-test-`));
    const state = await startSandbox({
      name,
      directory: join(directory, 'sandbox'),
      nodes: [{ kind: 'h200', count: nodes }],
    });
    const cluster = await openCluster({ kubeconfig: state.kubeconfigPath, env: {} });
    return new HealthSandbox(state, directory, cluster);
  }

  async stop(): Promise<void> {
    await this.cluster.close();
    await stopSandbox(join(this.directory, 'sandbox'));
    rmSync(this.directory, { recursive: true });
  }

  /** @param render - in place of the layout's own manifests */
  async deploy(layout: Layout, render = renderManifests): Promise<void> {
    const { namespace } = layout.spec;
    this.#deployed.add(layout);
    for (const manifest of render(layout)) {
      await this.apply(manifest);
      if (manifest.kind !== 'Namespace') continue;
      const data = { key: Buffer.from(apiKey).toString('base64') };
      const metadata = { name: 'api-key', namespace };
      await this.apply({ apiVersion: 'v1', kind: 'Secret', metadata, data });
    }
  }

  async apply(manifest: Manifest): Promise<void> {
    await this.cluster.apply(manifest, { dryRun: false, force: true });
  }

  read(layout: Layout, options: ReadOptions = {}): Promise<HealthReport> {
    const {
      canary = 'quick',
      chatMs = 5_000,
      cluster = this.cluster,
      clock: own = clock,
    } = options;
    const timeoutsMs = { chat: chatMs, standstill: chatMs };
    return readHealth(layout, { cluster, clock: own }, { canary, timeoutsMs });
  }

  /** Reads until a report is the awaited one; the last one when none comes in time. */
  async readUntil(
    layout: Layout,
    isAwaited: (report: HealthReport) => boolean,
    options: ReadOptions = {},
  ): Promise<HealthReport> {
    const deadlineMs = performance.now() + verdictMs;
    for (;;) {
      const report = await this.read(layout, options);
      if (isAwaited(report) || performance.now() > deadlineMs) return report;
    }
  }

  wait(
    layout: Layout,
    options: WaitForHealthOptions = {},
    host = new FakeHost(),
  ): Promise<HealthReport> {
    const ports = { cluster: this.cluster, clock, host };
    return waitForHealth(layout, ports, { timeoutSeconds: 60, ...options });
  }

  /** A cluster as a user sees it who has some rights in one namespace and no others. */
  async openAs(user: string, namespace: string, rules: readonly object[]): Promise<OpenedCluster> {
    const rbac = 'rbac.authorization.k8s.io';
    const apiVersion = `${rbac}/v1`;
    const metadata = { name: user, namespace };
    const subjects = [{ apiGroup: rbac, kind: 'User', name: user }];
    const roleRef = { apiGroup: rbac, kind: 'Role', name: user };
    await this.apply({ apiVersion, kind: 'Role', metadata, rules });
    await this.apply({ apiVersion, kind: 'RoleBinding', metadata, subjects, roleRef });
    const path = join(this.directory, `${user}.kubeconfig`);
    await mintKubeconfig(this.state, { user, path });
    return openCluster({ kubeconfig: path, env: {} });
  }

  /** Lets the pods of one copy of a group get ready; those that it has now. */
  async releasePods({ spec: { namespace } }: Layout, copy: number): Promise<void> {
    const labelSelector = `leaderworkerset.sigs.k8s.io/group-index=${copy}`;
    const kind = { apiVersion: 'v1', kind: 'Pod' };
    const pods = await this.cluster.list(kind, { namespace, labelSelector });
    const annotations = { [heldKey]: 'no' };
    await Promise.allSettled(
      // A pod that goes in the meantime is refused: nothing can be made of its name alone.
      pods.map(({ metadata: { name } }) =>
        this.apply({ ...kind, metadata: { name, namespace, annotations } }),
      ),
    );
  }

  /** Lets pods of the first copy get ready, those too that are made later, until a wait ends. */
  async releaseDuring<T>(layout: Layout, waiting: Promise<T>): Promise<T> {
    const ended = new AbortController();
    const end = (): void => {
      ended.abort();
    };
    waiting.then(end, end);
    while (!ended.signal.aborted) {
      await this.releasePods(layout, 0);
      await delay(200);
    }
    return waiting;
  }

  /** Runs the sandbox's own kubectl, as an administrator would. */
  async kubectl(...args: readonly string[]): Promise<void> {
    const { binaries, kubeconfigPath } = this.state;
    await run(binaries['kubectl'] ?? 'kubectl', ['--kubeconfig', kubeconfigPath, ...args]);
  }

  /** Deletes one object, if it is there. */
  async delete(ref: ObjectRef): Promise<void> {
    const live = await this.cluster.get(ref);
    if (live !== undefined) await this.cluster.delete(ref, { uid: live.metadata.uid });
  }

  /**
   * Writes what `kubectl logs` answers for a pod: of its present and its earlier life. A log belongs
   * to the name, so that a pod that is made again has it too.
   */
  async setLogs(
    { spec: { namespace } }: Layout,
    name: string,
    logs: { readonly present: readonly LogEntry[]; readonly previous?: readonly LogEntry[] },
  ): Promise<void> {
    const file = (life: string, entries: readonly LogEntry[]): string => {
      const path = join(this.directory, `${name}.${life}.log`);
      const lines = entries.map(({ atMs, text }) => formatLogLine(new Date(atMs), 'stdout', text));
      writeFileSync(path, lines.join(''));
      return path;
    };
    const { present, previous } = logs;
    const entry = {
      logsFile: file('present', present),
      ...(previous === undefined ? {} : { previousLogsFile: file('previous', previous) }),
    };
    const apiVersion = 'kwok.x-k8s.io/v1alpha1';
    await this.apply({
      apiVersion,
      kind: 'Logs',
      metadata: { name, namespace },
      spec: { logs: [entry] },
    });
  }

  /** Sends what is meant for a pod's API port to another endpoint, through the same port-forward. */
  async redirect(
    layout: Layout,
    pod: string,
    endpoint: OpenAiEndpoint,
  ): Promise<() => Promise<void>> {
    const { namespace } = layout.spec;
    const ref = { apiVersion: 'kwok.x-k8s.io/v1alpha1', kind: 'PortForward', namespace, name: pod };
    const before = await this.cluster.get(ref);
    const { apiVersion, kind } = ref;
    const metadata = { name: pod, namespace };
    const lead = async (spec: unknown): Promise<void> => {
      await this.apply({ apiVersion, kind, metadata, spec });
      // kwok follows its resources through a watch.
      await delay(300);
    };
    const target = { address: '127.0.0.1', port: endpoint.port };
    await lead({ forwards: [{ ports: [layout.spec.api.port], target }] });
    return () => lead(before?.spec);
  }

  /** Kills every simulated engine the way the kernel would; their pods stay ready. */
  killEngines(): void {
    const file = join(this.state.directory, 'simulators.json');
    const identities = JSON.parse(readFileSync(file, 'utf8')) as { readonly pid: number }[];
    for (const { pid } of identities) process.kill(pid, 'SIGKILL');
  }

  /** Deletes the pods of all deployments for good, and frees their nodes. */
  async clear(): Promise<void> {
    for (const { spec } of this.#deployed) {
      const { name, namespace } = spec;
      const apiVersion = 'leaderworkerset.x-k8s.io/v1';
      await this.delete({ apiVersion, kind: 'LeaderWorkerSet', namespace, name: `${name}-main` });
      const pods = () => this.cluster.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace });
      await expect.poll(pods, { timeout: 60_000 }).toEqual([]);
    }
    this.#deployed.clear();
  }
}

interface SetManifest extends Manifest {
  readonly spec: {
    readonly leaderWorkerTemplate: Record<
      'leaderTemplate' | 'workerTemplate',
      { metadata: { annotations?: Record<string, string> } } | undefined
    >;
  };
}

/** Manifests of a layout whose pods stay in their loading state until they are released. */
export function renderHeld(layout: Layout): Manifest[] {
  return renderManifests(layout).map((manifest) => {
    if (manifest.kind !== 'LeaderWorkerSet') return manifest;
    const held = structuredClone(manifest) as SetManifest;
    const { leaderTemplate, workerTemplate } = held.spec.leaderWorkerTemplate;
    for (const template of [leaderTemplate, workerTemplate]) {
      if (template === undefined) continue;
      template.metadata.annotations = { ...template.metadata.annotations, [heldKey]: 'yes' };
    }
    return held;
  });
}

/** Groups of two nodes of 8 x H200, weights on the nodes. */
export function aDeployment(
  name: string,
  {
    replicas = 1,
    surge = 0,
    isOpen = false,
    loadBalancing = 'internal',
  }: Partial<Pick<GroupSpec, 'replicas' | 'surge' | 'loadBalancing'>> & {
    readonly isOpen?: boolean;
  } = {},
): Layout {
  const spec = aSpec({
    name,
    namespace: `e2e-${name}`,
    pools: [aPool({ nodes: 2 * (replicas + surge) })],
    groups: [aGroup({ replicas, surge, loadBalancing })],
  });
  const weights = { ...spec.model.weights, source: { kind: 'hostPath', path: '/models' } } as const;
  const keySecret = { name: 'api-key', key: 'key', generate: false };
  return planLayout({
    ...spec,
    model: { ...spec.model, weights },
    api: { ...spec.api, keySecret: isOpen ? 'none' : keySecret },
  });
}

/** Outcome of each check by id. */
export function outcomes({ groups }: HealthReport): Readonly<Record<string, string>> {
  const checks = groups.flatMap((group) => group.checks);
  return Object.fromEntries(checks.map(({ id, outcome }) => [id, outcome]));
}
