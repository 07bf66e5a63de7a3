import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { applyPlan } from '../../src/actions/apply/index.ts';
import { type PlanRequest, planDeployment } from '../../src/actions/plan/index.ts';
import { type Cluster, type LiveObject, openCluster } from '../../src/cluster/index.ts';
import type { Manifest, ObjectRef } from '../../src/manifest/index.ts';
import type { Plan } from '../../src/plan/index.ts';
import {
  ensureSandboxBinaries,
  type SandboxOptions,
  type SandboxState,
  startSandbox,
  stopSandbox,
} from '../../src/sandbox/index.ts';
import { RecordingHost } from '../actions/recording-host.ts';

const run = promisify(execFile);

/** A sandbox of one test file, with kubectl, which stands for everybody else. */
export interface TestSandbox {
  readonly state: SandboxState;
  readonly cluster: Cluster;
  readonly directory: string;
  kubectl(...args: readonly string[]): Promise<string>;
  /** Hands objects to kubectl in a file. */
  kubectlWith(objects: readonly Manifest[], ...args: readonly string[]): Promise<string>;
  plan(request: PlanRequest, through?: Cluster): Promise<Plan>;
  apply(request: PlanRequest, through?: Cluster): ReturnType<typeof applyPlan>;
  /** Reads an object that has to be there. */
  read(ref: ObjectRef): Promise<LiveObject>;
  close(): Promise<void>;
}

/** Starts a sandbox, without nodes unless asked; the first of a machine is built, which takes minutes. */
export async function openTestSandbox(
  name: string,
  options: Pick<SandboxOptions, 'nodes' | 'podReadyDelayMs'> = {},
): Promise<TestSandbox> {
  // A set-up that fails half-way leaves nothing either.
  await using setUp = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), `dsdeploy-${name}-`));
  setUp.defer(() => rm(directory, { recursive: true, force: true }));
  const home = join(directory, 'sandbox');
  setUp.defer(async () => {
    await stopSandbox(home);
  });
  const state = await startSandbox({
    name: `${name}-${String(process.pid)}`,
    directory: home,
    nodes: [],
    ...options,
  });
  const { kubeconfigPath } = state;
  const { binaries } = await ensureSandboxBinaries();
  const cluster: Cluster = await openCluster({ kubeconfig: kubeconfigPath });
  setUp.defer(() => cluster.close());
  const host = new RecordingHost();
  const kubectl = async (...args: readonly string[]) => {
    const { stdout } = await run(binaries.kubectl, ['--kubeconfig', kubeconfigPath, ...args]);
    return stdout;
  };
  const plan = (request: PlanRequest, through = cluster) =>
    planDeployment(request, { cluster: through, host });
  let files = 0;
  const teardown = setUp.move();
  return {
    state,
    cluster,
    directory,
    kubectl,
    kubectlWith: async (objects, ...args) => {
      files += 1;
      const path = join(directory, `objects-${String(files)}.json`);
      await writeFile(path, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
      return await kubectl(...args, '-f', path);
    },
    plan,
    apply: async (request, through = cluster) =>
      await applyPlan(await plan(request, through), { cluster: through, host }),
    read: async (ref) => {
      const live = await cluster.get(ref);
      if (live === undefined) throw new Error(`there is no ${ref.kind} ${ref.name}`);
      return live;
    },
    close: () => teardown.disposeAsync(),
  };
}

/** Waits until a condition on the cluster holds. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadlineMs = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > deadlineMs) throw new Error('the condition never held');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Field managers of an object, as `manager operation subresource`. */
export function managersOf({ metadata }: Manifest): string[] {
  const entries = metadata['managedFields'] as readonly Readonly<Record<string, string>>[];
  return entries
    .map(({ manager = '', operation = '', subresource = '' }) =>
      `${manager} ${operation} ${subresource}`.trim(),
    )
    .toSorted();
}
