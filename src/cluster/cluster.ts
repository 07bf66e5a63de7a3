import type { Manifest, ObjectRef } from '../manifest/index.ts';
import type { ClusterTarget, JsonPatchOperation, Schemas } from '../plan/index.ts';

/** An object as the API server returned it, every field kept. */
export interface LiveObject extends Manifest {
  readonly metadata: Manifest['metadata'] & {
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation?: number;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
  };
}

export interface KindRef {
  readonly apiVersion: string;
  readonly kind: string;
}

export interface ListOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface ApplyOptions {
  readonly dryRun: boolean;
  /** Take fields owned by other managers; without it they are a `FIELD_CONFLICT`. */
  readonly force: boolean;
  /**
   * Who owns the fields; `dsdeploy-generated` is for values dsdeploy makes up once and then leaves
   * alone, a name of its own for each run that takes a lock.
   *
   * @default 'dsdeploy'
   */
  readonly fieldManager?: 'dsdeploy' | 'dsdeploy-generated' | `dsdeploy-lock-${string}`;
}

export interface DeleteOptions {
  /** Precondition. */
  readonly uid: string;
  /** Precondition. */
  readonly resourceVersion?: string;
  /**
   * `Foreground` lets it exist until its dependents have gone, `Background` ends it at once.
   *
   * @default 'Foreground'
   */
  readonly propagation?: 'Foreground' | 'Background';
}

export interface ApplyOutcome {
  readonly object: LiveObject;
  /** `Warning:` headers of the answer. */
  readonly warnings: readonly string[];
}

export interface WatchOptions extends ListOptions {
  readonly signal: AbortSignal;
}

/** `synced` follows the initial list once, then again after each relist. */
export type WatchEvent =
  | { readonly type: 'added' | 'modified' | 'deleted'; readonly object: LiveObject }
  | { readonly type: 'synced' };

export interface PortForward {
  /** For example `http://127.0.0.1:41234`. */
  readonly baseUrl: string;
  /** Why the last connection that failed did so, as the pod's node told it. */
  lastProblem?(): string | undefined;
  close(): Promise<void>;
}

/**
 * Everything dsdeploy says to a cluster. Failures are `DsdeployError`s with a `CLUSTER_*` code;
 * an absent object is `undefined`, never an error.
 */
export interface Cluster {
  readTarget(): Promise<ClusterTarget>;
  /** Whether the server knows a kind (discovery, cached for the life of the object). */
  supports(kind: KindRef): Promise<boolean>;
  /**
   * What the server publishes about the kinds of an API version (OpenAPI 3), read when first asked for;
   * `undefined` when it publishes nothing, or not to this user.
   */
  readSchemas(apiVersion: string): Promise<Schemas | undefined>;
  get(ref: ObjectRef): Promise<LiveObject | undefined>;
  /** Paged by 500; restarted when the continue token expires. */
  list(kind: KindRef, options?: ListOptions): Promise<readonly LiveObject[]>;
  /** Server-side apply with field manager `dsdeploy` and strict field validation. */
  apply(manifest: Manifest, options: ApplyOptions): Promise<ApplyOutcome>;
  /**
   * Changes an object in place by an RFC 6902 patch; only for what server-side apply cannot say. A patch
   * that sets resourceVersion is refused with `OBJECT_CHANGED` once the object has moved.
   */
  patch(
    ref: ObjectRef,
    operations: readonly JsonPatchOperation[],
    options: { readonly dryRun: boolean },
  ): Promise<LiveObject>;
  /** Deletes an object unless it is another one by now. */
  delete(ref: ObjectRef, options: DeleteOptions): Promise<'deleted' | 'gone'>;
  /** Lists, then watches with bookmarks; relists after 410, reconnects after any break. */
  watch(kind: KindRef, options: WatchOptions): AsyncIterable<WatchEvent>;
  readLogs(
    pod: ObjectRef,
    options: {
      readonly container?: string;
      readonly tailLines: number;
      readonly previous?: boolean;
      /** Each line begins with the time the kubelet received it. */
      readonly timestamps?: boolean;
    },
  ): Promise<string>;
  openPortForward(pod: ObjectRef, port: number): Promise<PortForward>;
  /** Verbs among those asked that the user lacks. */
  findDenied(requests: readonly AccessRequest[]): Promise<readonly AccessRequest[]>;
  close(): Promise<void>;
}

export interface AccessRequest {
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';
  readonly group: string;
  /** Plural resource name, with subresource: `pods/portforward`. */
  readonly resource: string;
  readonly namespace?: string;
  /** @default - any object of the resource */
  readonly name?: string;
}
