import type {
  ApplyOptions,
  ApplyOutcome,
  Cluster,
  DeleteOptions,
  KindRef,
  ListOptions,
  LiveObject,
} from '../../src/cluster/index.ts';
import { formatRef, type Manifest, type ObjectRef, refOf } from '../../src/manifest/index.ts';

/** Thrown in place of an answer, as if the process had been killed. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

/** A real cluster that dies after a number of requests, and records the writes until then. */
export class KillableCluster implements Cluster {
  readonly writes: string[] = [];
  readonly #cluster: Cluster;
  readonly #lives: number;
  #requests = 0;

  /** @param lives - requests that get their answer; by default all. */
  constructor(cluster: Cluster, lives = Number.POSITIVE_INFINITY) {
    this.#cluster = cluster;
    this.#lives = lives;
  }

  async get(ref: ObjectRef): Promise<LiveObject | undefined> {
    return await this.#answer(() => this.#cluster.get(ref));
  }

  async list(kind: KindRef, options?: ListOptions): Promise<readonly LiveObject[]> {
    return await this.#answer(() => this.#cluster.list(kind, options));
  }

  async apply(manifest: Manifest, options: ApplyOptions): Promise<ApplyOutcome> {
    return await this.#answer(() => {
      if (!options.dryRun) this.writes.push(`apply ${formatRef(refOf(manifest))}`);
      return this.#cluster.apply(manifest, options);
    });
  }

  async patch(...[ref, operations, options]: Parameters<Cluster['patch']>): Promise<LiveObject> {
    return await this.#answer(() => {
      if (!options.dryRun) this.writes.push(`patch ${formatRef(ref)}`);
      return this.#cluster.patch(ref, operations, options);
    });
  }

  async delete(ref: ObjectRef, options: DeleteOptions): Promise<'deleted' | 'gone'> {
    return await this.#answer(() => {
      this.writes.push(`delete ${formatRef(ref)}`);
      return this.#cluster.delete(ref, options);
    });
  }

  async #answer<Answer>(request: () => Promise<Answer>): Promise<Answer> {
    if (this.#requests > this.#lives) throw new Killed('killed before the request');
    this.#requests += 1;
    const answer = await request();
    // The last request is carried out, and its answer never seen.
    if (this.#requests > this.#lives) throw new Killed('killed before the answer');
    return answer;
  }

  readTarget: Cluster['readTarget'] = () => this.#cluster.readTarget();
  supports: Cluster['supports'] = (kind) => this.#cluster.supports(kind);
  readSchemas: Cluster['readSchemas'] = (apiVersion) => this.#cluster.readSchemas(apiVersion);
  watch: Cluster['watch'] = (kind, options) => this.#cluster.watch(kind, options);
  readLogs: Cluster['readLogs'] = (pod, options) => this.#cluster.readLogs(pod, options);
  openPortForward: Cluster['openPortForward'] = (pod, port) =>
    this.#cluster.openPortForward(pod, port);
  findDenied: Cluster['findDenied'] = (requests) => this.#cluster.findDenied(requests);
  close: Cluster['close'] = () => this.#cluster.close();
}
