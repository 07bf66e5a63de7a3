import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import {
  type OpenClusterOptions,
  type OpenedCluster,
  openCluster,
} from '../../src/cluster/index.ts';
import { FakeApiServer, type FakeApiServerOptions } from './fake-api-server.ts';

/** Waits of a test: a retry takes milliseconds. */
export const fastTimings = {
  connectMs: 2000,
  headersMs: 2000,
  bodyIdleMs: 2000,
  retryMinMs: 5,
  retryMaxMs: 20,
  watchStallMs: 2000,
} as const;

export interface FakeOptions extends FakeApiServerOptions {
  readonly cluster?: object;
  readonly user?: object;
  readonly open?: OpenClusterOptions;
}

/** A fake server and a cluster opened on it, both gone after the test. */
export async function openFake(
  options: FakeOptions = {},
): Promise<{ readonly server: FakeApiServer; readonly cluster: OpenedCluster }> {
  const server = await FakeApiServer.start(options);
  onTestFinished(() => server.stop());
  return { server, cluster: await openAt(server.url, options) };
}

/** A cluster opened on a URL through a kubeconfig of its own. */
export async function openAt(url: string, options: FakeOptions = {}): Promise<OpenedCluster> {
  const kubeconfig = await writeKubeconfig({
    'current-context': 'fake',
    clusters: [{ name: 'fake', cluster: { server: url, ...options.cluster } }],
    users: [{ name: 'me', user: { token: 'secret', ...options.user } }],
    contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'me' } }],
  });
  const cluster = await openCluster({ kubeconfig, env: {}, timings: fastTimings, ...options.open });
  onTestFinished(() => cluster.close());
  return cluster;
}

/** Writes a kubeconfig into a folder of its own, gone after the test. */
export async function writeKubeconfig(config: object | string, name = 'config'): Promise<string> {
  const folder = await tempFolder();
  const path = join(folder, name);
  await writeFile(path, typeof config === 'string' ? config : stringify(config), { mode: 0o600 });
  return path;
}

export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dsdeploy-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The error a promise rejects with. */
export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value: unknown) => {
      throw new Error(`expected a rejection, got ${JSON.stringify(value)}`);
    },
    (error: unknown) => error,
  );
}
