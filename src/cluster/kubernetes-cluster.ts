import { formatRef, type Manifest, type ObjectRef, refOf } from '../manifest/index.ts';
import type { ClusterTarget, JsonPatchOperation, Schemas } from '../plan/index.ts';
import type {
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
import { attempt, type ClusterIo } from './cluster-io.ts';
import { findDeniedRequests } from './find-denied.ts';
import { listObjects } from './list-objects.ts';
import { openPodPortForward } from './port-forward.ts';
import { type LogOptions, readPodLogs } from './read-logs.ts';
import { readClusterTarget } from './read-target.ts';
import { watchObjects } from './watch/watch-objects.ts';
import { applyObject, deleteObject, getObject, patchObject } from './write-objects.ts';

/** A cluster with what opening it brought up. */
export interface OpenedCluster extends Cluster {
  /** What is unsafe about the way to it, for example no verification of certificates. */
  readonly warnings: readonly string[];
}

/** The `Cluster` that talks to a real API server: each method names its attempt and delegates. */
export class KubernetesCluster implements OpenedCluster {
  readonly warnings: readonly string[];
  readonly #io: ClusterIo;
  readonly #closing: AbortController;
  #readingTarget: Promise<ClusterTarget> | undefined;

  constructor(io: ClusterIo, closing: AbortController, warnings: readonly string[]) {
    this.#io = io;
    this.#closing = closing;
    this.warnings = warnings;
  }

  async readTarget(): Promise<ClusterTarget> {
    // A plan and its preflight ask side by side; who asks later gets an answer of later.
    this.#readingTarget ??= attempt(this.#io, { action: 'reach the cluster' }, () =>
      readClusterTarget(this.#io),
    ).finally(() => {
      this.#readingTarget = undefined;
    });
    return this.#readingTarget;
  }

  async supports(kind: KindRef): Promise<boolean> {
    const what = { action: `look up ${kind.kind}` };
    return attempt(this.#io, what, async () => {
      return (await this.#io.discovery.find(kind)) !== undefined;
    });
  }

  async readSchemas(apiVersion: string): Promise<Schemas | undefined> {
    const what = { action: `read the schemas of ${apiVersion}` };
    return attempt(this.#io, what, () => this.#io.openApi.read(apiVersion));
  }

  async get(ref: ObjectRef): Promise<LiveObject | undefined> {
    const what = { action: `read ${formatRef(ref)}`, ref };
    return attempt(this.#io, what, () => getObject(this.#io, ref));
  }

  async list(kind: KindRef, options: ListOptions = {}): Promise<readonly LiveObject[]> {
    return attempt(this.#io, { action: `list ${kind.kind}` }, async () => {
      const resource = await this.#io.discovery.require(kind);
      return (await listObjects(this.#io, resource, options)).items;
    });
  }

  async apply(manifest: Manifest, options: ApplyOptions): Promise<ApplyOutcome> {
    const ref = refOf(manifest);
    const action = `${options.dryRun ? 'check' : 'apply'} ${formatRef(ref)}`;
    const what = { action, ref, manifest };
    return attempt(this.#io, what, () => applyObject(this.#io, manifest, options));
  }

  async patch(
    ref: ObjectRef,
    operations: readonly JsonPatchOperation[],
    options: { readonly dryRun: boolean },
  ): Promise<LiveObject> {
    const what = { action: `${options.dryRun ? 'check' : 'patch'} ${formatRef(ref)}`, ref };
    return attempt(this.#io, what, () => patchObject(this.#io, { ref, operations }, options));
  }

  async delete(ref: ObjectRef, options: DeleteOptions): Promise<'deleted' | 'gone'> {
    const what = { action: `delete ${formatRef(ref)}`, ref };
    return attempt(this.#io, what, () => deleteObject(this.#io, ref, options));
  }

  watch(kind: KindRef, options: WatchOptions): AsyncIterable<WatchEvent> {
    return watchObjects(this.#io, kind, options);
  }

  async readLogs(pod: ObjectRef, options: LogOptions): Promise<string> {
    const what = { action: `read the log of ${formatRef(pod)}`, ref: pod };
    return attempt(this.#io, what, () => readPodLogs(this.#io, pod, options));
  }

  async openPortForward(pod: ObjectRef, port: number): Promise<PortForward> {
    const what = { action: `forward port ${port} of ${formatRef(pod)}`, ref: pod };
    return attempt(this.#io, what, () => openPodPortForward(this.#io, pod, port));
  }

  async findDenied(requests: readonly AccessRequest[]): Promise<readonly AccessRequest[]> {
    const what = { action: 'check your rights' };
    return attempt(this.#io, what, () => findDeniedRequests(this.#io, requests));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#io.transport.close();
  }
}
