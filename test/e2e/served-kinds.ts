import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { parse } from 'yaml';
import { findKindSchema, type KindSchema, type Schemas } from '../../src/plan/index.ts';
import { fullObject } from './full-object.ts';

/** A kind that can be applied, with its schema and an object that has every field of it. */
export interface ServedKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly schema: KindSchema;
  readonly full: () => Record<string, unknown> & { metadata: Record<string, unknown> };
}

interface Resources {
  readonly resources: readonly {
    readonly name: string;
    readonly kind: string;
    readonly namespaced: boolean;
    readonly verbs: readonly string[];
  }[];
}

interface Groups {
  readonly groups: readonly { readonly versions: readonly { readonly groupVersion: string }[] }[];
}

export interface ServedKinds {
  readonly kinds: readonly ServedKind[];
  /** What discovery answers, by path. */
  readonly discovery: ReadonlyMap<string, unknown>;
}

/** Every kind of a server that takes patches, read without anything of ours in between. */
export async function readServedKinds(kubeconfigPath: string): Promise<ServedKinds> {
  const api = rawApi(kubeconfigPath);
  const groups = (await api.get('/apis')) as Groups;
  const versions = groups.groups.flatMap((group) => group.versions);
  const discovery = new Map<string, unknown>();
  const kinds: ServedKind[] = [];
  for (const apiVersion of ['v1', ...versions.map(({ groupVersion }) => groupVersion)]) {
    const path = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
    const found = (await api.get(path)) as Resources;
    discovery.set(path, found);
    for (const { name, kind, namespaced, verbs } of found.resources) {
      if (name.includes('/') || !verbs.includes('patch')) continue;
      const schema = await readSchema(api, { apiVersion, kind, path });
      const full = () => {
        const { metadata, ...fields } = fullObject({ apiVersion, kind }, schema);
        const namespace = namespaced ? { namespace: 'default' } : {};
        return { ...fields, metadata: { ...(metadata as object), ...namespace } };
      };
      kinds.push({ apiVersion, kind, namespaced, schema, full });
    }
  }
  await api.close();
  return { kinds, discovery };
}

/** The schema of a CRD is published a moment after discovery tells of its kind. */
async function readSchema(
  api: ReturnType<typeof rawApi>,
  { apiVersion, kind, path }: { apiVersion: string; kind: string; path: string },
): Promise<KindSchema> {
  for (let tries = 0; tries < 150; tries += 1) {
    const document = (await api.getOnce(`/openapi/v3${path}`)) as {
      readonly components?: { readonly schemas?: Schemas };
    };
    const schema = findKindSchema(document.components?.schemas ?? {}, { apiVersion, kind });
    if (schema !== undefined) return schema;
    api.forget(`/openapi/v3${path}`);
    await sleep(200);
  }
  throw new Error(`no schema of ${apiVersion} ${kind}`);
}

function rawApi(kubeconfigPath: string) {
  const config = parse(readFileSync(kubeconfigPath, 'utf8')) as {
    readonly clusters: readonly { readonly cluster: Readonly<Record<string, string>> }[];
    readonly users: readonly { readonly user: Readonly<Record<string, string>> }[];
  };
  const { cluster = {} } = config.clusters[0] ?? {};
  const { user = {} } = config.users[0] ?? {};
  const decode = (text = '') => Buffer.from(text, 'base64').toString();
  const dispatcher = new Agent({
    connect: {
      ca: decode(cluster['certificate-authority-data']),
      cert: decode(user['client-certificate-data']),
      key: decode(user['client-key-data']),
    },
  });
  const get = async (path: string): Promise<unknown> => {
    const { body } = await request(`${cluster['server'] ?? ''}${path}`, { dispatcher });
    const text = await body.text();
    // A server that still gathers its documents may answer with none.
    return text === '' ? {} : JSON.parse(text);
  };
  const kept = new Map<string, Promise<unknown>>();
  return {
    get,
    /** Reads again only what was forgotten. */
    getOnce: (path: string): Promise<unknown> => {
      const reading = kept.get(path) ?? get(path);
      kept.set(path, reading);
      return reading;
    },
    forget: (path: string) => kept.delete(path),
    close: () => dispatcher.close(),
  };
}
