import { z } from 'zod';
import { DsdeployError } from '../errors/index.ts';
import { groupOf } from '../manifest/index.ts';
import type { KindRef } from './cluster.ts';
import type { ApiTransport } from './transport/api-transport.ts';
import { BadReplyError, StatusError } from './transport/status-error.ts';

/** Where the objects of a kind live on the server. */
export interface ApiResource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

const resourceListSchema = z.looseObject({
  resources: z
    .array(z.looseObject({ name: z.string(), kind: z.string(), namespaced: z.boolean() }))
    .nullish(),
});

const groupSchema = z.looseObject({
  versions: z.array(z.looseObject({ groupVersion: z.string() })).nullish(),
});

type KindsOfVersion = ReadonlyMap<string, ApiResource>;

/**
 * Asks the server which kinds it knows, one API version at a time and only when needed. What was
 * found is kept; what was missing is asked again, because the same run may install its CRD.
 */
export class Discovery {
  readonly #transport: ApiTransport;
  readonly #versions = new Map<string, Promise<KindsOfVersion>>();

  constructor(transport: ApiTransport) {
    this.#transport = transport;
  }

  /** Returns `undefined` when the server does not know the kind in this version. */
  async find({ apiVersion, kind }: KindRef): Promise<ApiResource | undefined> {
    const cached = this.#versions.get(apiVersion);
    if (cached !== undefined) {
      const known = (await cached).get(kind);
      if (known !== undefined) return known;
    }
    const reading = this.#read(apiVersion);
    this.#versions.set(apiVersion, reading);
    reading.catch(() => {
      // The caller below gets the error; only a failed reading must not be remembered.
      if (this.#versions.get(apiVersion) === reading) this.#versions.delete(apiVersion);
    });
    return (await reading).get(kind);
  }

  /** Like `find()`, but a missing kind is a `KIND_UNKNOWN` that says what is there instead. */
  async require(ref: KindRef): Promise<ApiResource> {
    const resource = await this.find(ref);
    if (resource !== undefined) return resource;
    const others = await this.#otherVersions(ref.apiVersion);
    const there = others.length === 0 ? '' : `; the server has ${others.join(', ')}`;
    throw new DsdeployError(
      'KIND_UNKNOWN',
      `Cannot use ${ref.kind} of ${ref.apiVersion}: the server does not know this kind${there}`,
      { subject: `${ref.kind}.${ref.apiVersion}`, hint: hintFor(ref) },
    );
  }

  async #read(apiVersion: string): Promise<KindsOfVersion> {
    const root = groupOf(apiVersion) === '' ? '/api' : '/apis';
    const value = await this.#readOptional(`${root}/${apiVersion}`);
    if (value === undefined) return new Map();
    const parsed = resourceListSchema.safeParse(value);
    if (!parsed.success) throw new BadReplyError(`it is no list of resources (${apiVersion})`);
    const kinds = new Map<string, ApiResource>();
    for (const { name, kind, namespaced } of parsed.data.resources ?? []) {
      // `pods/log` and such are subresources, which may carry another kind's name.
      if (!name.includes('/')) kinds.set(kind, { apiVersion, kind, plural: name, namespaced });
    }
    return kinds;
  }

  async #otherVersions(apiVersion: string): Promise<readonly string[]> {
    const group = groupOf(apiVersion);
    if (group === '') return [];
    const parsed = groupSchema.safeParse(await this.#readOptional(`/apis/${group}`));
    if (!parsed.success) return [];
    return (parsed.data.versions ?? [])
      .map(({ groupVersion }) => groupVersion)
      .filter((version) => version !== apiVersion);
  }

  async #readOptional(path: string): Promise<unknown> {
    try {
      return (await this.#transport.json({ method: 'GET', path })).value;
    } catch (error) {
      if (error instanceof StatusError && error.httpStatus === 404) return undefined;
      throw error;
    }
  }
}

function hintFor({ apiVersion, kind }: KindRef): string {
  if (groupOf(apiVersion) === 'leaderworkerset.x-k8s.io') {
    return 'Install LeaderWorkerSet, or ask the administrator to: https://lws.sigs.k8s.io/docs/installation/.';
  }
  return `Install what provides ${kind}, or correct its apiVersion.`;
}

/** Path of a collection, or of one object in it. */
export function pathOf(
  resource: ApiResource,
  { namespace, name }: { readonly namespace?: string | undefined; readonly name?: string },
): string {
  const root = groupOf(resource.apiVersion) === '' ? '/api' : '/apis';
  const scope =
    resource.namespaced && namespace !== undefined
      ? `/namespaces/${encodeURIComponent(namespace)}`
      : '';
  const object = name === undefined ? '' : `/${encodeURIComponent(name)}`;
  return `${root}/${resource.apiVersion}${scope}/${resource.plural}${object}`;
}
