import type {
  ApplyOptions,
  ApplyOutcome,
  Cluster,
  KindRef,
  ListOptions,
  LiveObject,
} from '../../src/cluster/cluster.ts';
import { DsdeployError } from '../../src/errors/index.ts';
import {
  canonicalJson,
  formatRef,
  identityOf,
  type Manifest,
  type ObjectRef,
  refOf,
} from '../../src/manifest/index.ts';
import type { ClusterTarget, JsonPatchOperation, Schemas } from '../../src/plan/index.ts';

/** What a request is about to do; a hook that throws stands for a failure before it reaches the server. */
export interface FakeRequest {
  /** 1 for the first request since `reset()`. */
  readonly number: number;
  readonly verb: 'get' | 'list' | 'dry-run' | 'apply' | 'patch' | 'delete';
  readonly ref: ObjectRef;
}

/** Thrown in place of an answer, as if the process had been killed. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

const fieldManagers = ['dsdeploy', 'dsdeploy-generated'] as const;

type JsonMap = Readonly<Record<string, unknown>>;

/**
 * A cluster in memory, close enough for planning: server-side apply that merges maps, replaces lists
 * and removes what we applied before and do not any more; UIDs, resource versions, generations and
 * managed fields; namespaces that must exist and take their contents along; owners and finalizers.
 */
export class FakeCluster implements Cluster {
  readonly objects = new Map<string, LiveObject>();
  readonly requests: FakeRequest[] = [];
  readonly unserved = new Set<string>();
  /** What it publishes, by API version; nothing unless a test says so. */
  readonly schemas = new Map<string, Schemas>();
  target: ClusterTarget = {
    context: 'lab',
    server: 'https://10.0.0.1:6443',
    user: 'ann',
    clusterUid: 'cluster-1',
    serverVersion: 'v1.36.3',
  };
  /** Runs before a request; may throw. */
  before: (request: FakeRequest) => void = () => undefined;
  /** Runs once a request was carried out, before the answer; may throw. */
  after: (request: FakeRequest) => void = () => undefined;
  /** What a mutating webhook does to an object that is applied. */
  mutate: (object: Manifest) => Manifest = (object) => object;
  /** What each field manager applied last, by manager and object. */
  readonly #applied = new Map<string, Manifest>();
  #version = 100;
  #uid = 0;

  constructor(objects: readonly Manifest[] = []) {
    for (const object of objects) this.put(object);
  }

  /** The writes so far, as `apply Kind/namespace/name`. */
  get writes(): string[] {
    return this.requests
      .filter(({ verb }) => verb === 'apply' || verb === 'patch' || verb === 'delete')
      .map(({ verb, ref }) => `${verb} ${formatRef(ref)}`);
  }

  /** Forgets the requests and hooks, as a new process would. */
  reset(): void {
    this.requests.length = 0;
    this.before = () => undefined;
    this.after = () => undefined;
  }

  /** Puts an object as somebody else would. */
  put(object: Manifest, manager = 'kubectl'): LiveObject {
    const existing = this.objects.get(identityOf(refOf(object)));
    return this.#store(object, {
      uid: existing?.metadata.uid ?? this.#nextUid(),
      generation: (existing?.metadata.generation ?? 0) + 1,
      managedFields: [{ manager, operation: 'Update', fieldsV1: {} }],
    });
  }

  /** Removes an object as somebody else would. */
  drop(ref: ObjectRef): void {
    const id = identityOf(ref);
    this.objects.delete(id);
    for (const manager of fieldManagers) this.#applied.delete(`${manager} ${id}`);
  }

  find(kind: string, name: string): LiveObject | undefined {
    return [...this.objects.values()].find(
      (object) => object.kind === kind && object.metadata.name === name,
    );
  }

  /** Names of all objects, sorted. */
  names(): string[] {
    return [...this.objects.values()].map((object) => formatRef(refOf(object))).toSorted();
  }

  async readTarget(): Promise<ClusterTarget> {
    return await Promise.resolve(this.target);
  }

  async supports({ apiVersion, kind }: KindRef): Promise<boolean> {
    return await Promise.resolve(!this.unserved.has(`${apiVersion}/${kind}`));
  }

  async readSchemas(apiVersion: string): Promise<Schemas | undefined> {
    return await Promise.resolve(this.schemas.get(apiVersion));
  }

  async get(ref: ObjectRef): Promise<LiveObject | undefined> {
    return await this.#request({ verb: 'get', ref }, () => this.objects.get(identityOf(ref)));
  }

  async list(
    kind: KindRef,
    { namespace, labelSelector = '' }: ListOptions = {},
  ): Promise<readonly LiveObject[]> {
    const labels = labelSelector === '' ? [] : labelSelector.split(',');
    const ref = { ...kind, ...(namespace === undefined ? {} : { namespace }), name: '*' };
    return await this.#request({ verb: 'list', ref }, () =>
      [...this.objects.values()].filter(
        (object) =>
          object.kind === kind.kind &&
          (namespace === undefined || object.metadata.namespace === namespace) &&
          labels.every((label) => {
            const [name = '', value] = label.split('=');
            return object.metadata.labels?.[name] === value;
          }),
      ),
    );
  }

  async apply(manifest: Manifest, options: ApplyOptions): Promise<ApplyOutcome> {
    const ref = refOf(manifest);
    return await this.#request({ verb: options.dryRun ? 'dry-run' : 'apply', ref }, () => ({
      object: this.#apply(manifest, options),
      warnings: [],
    }));
  }

  async patch(
    ref: ObjectRef,
    operations: readonly JsonPatchOperation[],
    { dryRun }: { readonly dryRun: boolean },
  ): Promise<LiveObject> {
    return await this.#request({ verb: dryRun ? 'dry-run' : 'patch', ref }, () => {
      const live = this.objects.get(identityOf(ref));
      if (live === undefined) throw changed(ref);
      const patched = operations.reduce(patchOnce, live) as LiveObject;
      if (patched.metadata.resourceVersion !== live.metadata.resourceVersion) throw changed(ref);
      return dryRun ? patched : this.#store(patched, { ...patched.metadata });
    });
  }

  async delete(ref: ObjectRef, { uid }: { readonly uid: string }): Promise<'deleted' | 'gone'> {
    return await this.#request({ verb: 'delete', ref }, () => {
      const live = this.objects.get(identityOf(ref));
      if (live === undefined) return 'gone';
      if (live.metadata.uid !== uid) throw changed(ref);
      this.#remove(live);
      return 'deleted';
    });
  }

  /** Lets an object with finalizers go at last. */
  release(ref: ObjectRef): void {
    const live = this.objects.get(identityOf(ref));
    if (live?.metadata.deletionTimestamp !== undefined) this.drop(ref);
  }

  watch(): never {
    throw new Error('the fake cannot watch');
  }

  async readLogs(): Promise<string> {
    return await Promise.resolve('');
  }

  openPortForward(): never {
    throw new Error('the fake cannot forward');
  }

  async findDenied(): Promise<readonly never[]> {
    return await Promise.resolve([]);
  }

  async close(): Promise<void> {
    await Promise.resolve();
  }

  async #request<Answer>(
    request: Omit<FakeRequest, 'number'>,
    work: () => Answer,
  ): Promise<Answer> {
    const full = { number: this.requests.length + 1, ...request };
    this.requests.push(full);
    this.before(full);
    const answer = work();
    this.after(full);
    return await Promise.resolve(answer);
  }

  #apply(manifest: Manifest, { dryRun, fieldManager = 'dsdeploy' }: ApplyOptions): LiveObject {
    const ref = refOf(manifest);
    const id = identityOf(ref);
    const owned = `${fieldManager} ${id}`;
    const live = this.objects.get(id);
    const { uid } = manifest.metadata;
    if (uid !== undefined && uid !== live?.metadata.uid) throw changed(ref);
    this.#requireNamespace(ref);
    const wanted = withoutUid(manifest);
    const base = live === undefined ? {} : prune(live, this.#applied.get(owned) ?? {}, wanted);
    const merged = this.mutate(merge(base, wanted) as Manifest);
    if (live !== undefined && contentOf(live) === contentOf(merged)) {
      if (!dryRun) this.#applied.set(owned, wanted);
      return live;
    }
    const grows = live === undefined || specOf(live) !== specOf(merged);
    const metadata = {
      uid: live?.metadata.uid ?? this.#nextUid(),
      generation: (live?.metadata.generation ?? 0) + (grows ? 1 : 0),
      managedFields: [
        { manager: 'dsdeploy', operation: 'Apply', fieldsV1: { labels: wanted.metadata.labels } },
      ],
    };
    if (dryRun) {
      const resourceVersion = live?.metadata.resourceVersion ?? '';
      return { ...merged, metadata: { ...merged.metadata, ...metadata, resourceVersion } };
    }
    this.#applied.set(owned, wanted);
    return this.#store(merged, metadata);
  }

  #store(object: Manifest, metadata: JsonMap & { readonly uid: string }): LiveObject {
    this.#version += 1;
    const live: LiveObject = {
      ...object,
      metadata: { ...object.metadata, ...metadata, resourceVersion: String(this.#version) },
    };
    this.objects.set(identityOf(refOf(object)), live);
    return live;
  }

  #requireNamespace({ namespace }: ObjectRef): void {
    if (namespace === undefined || this.find('Namespace', namespace) !== undefined) return;
    throw new DsdeployError('NAMESPACE_MISSING', `namespaces "${namespace}" not found`);
  }

  #remove(live: LiveObject): void {
    const ref = refOf(live);
    const finalizers: unknown = live.metadata['finalizers'];
    if (Array.isArray(finalizers) && finalizers.length > 0) {
      this.#store(live, { ...live.metadata, deletionTimestamp: '2026-11-24T06:00:00Z' });
      return;
    }
    this.drop(ref);
    for (const other of [...this.objects.values()]) {
      const inside = live.kind === 'Namespace' && other.metadata.namespace === live.metadata.name;
      if (inside || ownerUidsOf(other).includes(live.metadata.uid)) this.#remove(other);
    }
  }

  #nextUid(): string {
    this.#uid += 1;
    return `uid-${String(this.#uid)}`;
  }
}

function changed(ref: ObjectRef): DsdeployError {
  return new DsdeployError('OBJECT_CHANGED', `${formatRef(ref)}: the UID is another`);
}

function withoutUid(manifest: Manifest): Manifest {
  const fields = Object.entries(manifest.metadata).filter(([field]) => field !== 'uid');
  const metadata = { ...Object.fromEntries(fields), name: manifest.metadata.name };
  return { ...manifest, metadata };
}

const serverFields = ['uid', 'resourceVersion', 'generation', 'managedFields', 'deletionTimestamp'];

function contentOf(object: Manifest): string {
  const metadata = Object.fromEntries(
    Object.entries(object.metadata).filter(([field]) => !serverFields.includes(field)),
  );
  return canonicalJson({ ...object, metadata, status: undefined });
}

function specOf(object: Manifest): string {
  return canonicalJson({ ...object, metadata: {}, status: undefined });
}

function ownerUidsOf(object: Manifest): string[] {
  const owners: unknown = object.metadata['ownerReferences'];
  return Array.isArray(owners) ? owners.map((owner: { uid: string }) => owner.uid) : [];
}

function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** One step of a JSON patch, on maps alone. */
function patchOnce(value: JsonMap, { op, path, value: after }: JsonPatchOperation): JsonMap {
  const [step = '', ...rest] = path.slice(1).split('/');
  const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
  const others = Object.fromEntries(Object.entries(value).filter(([field]) => field !== name));
  if (rest.length === 0) return op === 'remove' ? others : { ...others, [name]: after };
  const inner = value[name];
  const deeper: JsonPatchOperation = { op, path: `/${rest.join('/')}`, value: after };
  return { ...others, [name]: patchOnce(isMap(inner) ? inner : {}, deeper) };
}

/** Removes the fields that were applied before and are not wanted any more. */
function prune(live: JsonMap, applied: JsonMap, wanted: JsonMap): JsonMap {
  return Object.fromEntries(
    Object.entries(live).flatMap(([field, value]) => {
      const [before, after] = [applied[field], wanted[field]];
      if (before !== undefined && after === undefined) return [];
      if (isMap(value) && isMap(before) && isMap(after))
        return [[field, prune(value, before, after)]];
      return [[field, value]];
    }),
  );
}

function merge(base: unknown, over: unknown): unknown {
  if (!isMap(base) || !isMap(over)) return over;
  const names = new Set([...Object.keys(base), ...Object.keys(over)]);
  return Object.fromEntries(
    [...names].map((name) => [
      name,
      over[name] === undefined ? base[name] : merge(base[name], over[name]),
    ]),
  );
}
