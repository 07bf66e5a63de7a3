import { readFileSync } from 'node:fs';
import { Agent, request } from 'undici';
import { parse } from 'yaml';
import type { Manifest } from '../src/manifest/index.ts';

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: Readonly<Record<string, string>> }[];
  readonly users: readonly { readonly user: Readonly<Record<string, string>> }[];
}

const plurals: Readonly<Record<string, string>> = {
  ConfigMap: 'configmaps',
  Deployment: 'deployments',
  Widget: 'widgets',
};

/** The API server without anything of ours in between: what a loop of requests can do at most. */
export class RawApi {
  readonly #server: string;
  readonly #agent: Agent;

  constructor(kubeconfigPath: string, connections: number) {
    const config = parse(readFileSync(kubeconfigPath, 'utf8')) as Kubeconfig;
    const cluster = config.clusters[0]?.cluster ?? {};
    const user = config.users[0]?.user ?? {};
    const decode = (text = '') => Buffer.from(text, 'base64').toString();
    this.#server = cluster['server'] ?? '';
    this.#agent = new Agent({
      connections,
      connect: {
        ca: decode(cluster['certificate-authority-data']),
        cert: decode(user['client-certificate-data']),
        key: decode(user['client-key-data']),
      },
    });
  }

  async text(path: string): Promise<string> {
    const { body } = await request(this.#server + path, { dispatcher: this.#agent });
    return body.text();
  }

  /** Server-side apply of all objects, as many at a time as there are connections. */
  async applyAll(manifests: readonly Manifest[], parallel: number): Promise<void> {
    const queue = [...manifests];
    const worker = async () => {
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) await this.#apply(next);
    };
    await Promise.all(Array.from({ length: parallel }, worker));
  }

  /** Requests the server has counted for the kinds of the bench, by verb. */
  async countRequests(): Promise<Readonly<Record<string, number>>> {
    const counts: Record<string, number> = {};
    for (const line of (await this.text('/metrics')).split('\n')) {
      const match = /^apiserver_request_total\{(.*)\} ([\d.e+]+)$/.exec(line);
      const labels = match?.[1] ?? '';
      const label = (name: string) =>
        new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1] ?? '';
      if (!Object.values(plurals).includes(label('resource')) || label('subresource') !== '')
        continue;
      const verb = label('dry_run') === 'All' ? 'DRY-RUN' : label('verb');
      counts[verb] = (counts[verb] ?? 0) + Number(match?.[2]);
    }
    return counts;
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async patch(path: string, value: unknown, contentType: string): Promise<void> {
    const { statusCode, body } = await request(this.#server + path, {
      method: 'PATCH',
      dispatcher: this.#agent,
      headers: { 'content-type': contentType },
      body: JSON.stringify(value),
    });
    const text = await body.text();
    if (statusCode >= 300) throw new Error(`${path}: ${text}`);
  }

  async #apply(manifest: Manifest): Promise<void> {
    const { apiVersion, kind, metadata } = manifest;
    const root = apiVersion === 'v1' ? '/api' : '/apis';
    const path = `${root}/${apiVersion}/namespaces/${metadata.namespace ?? ''}/${plurals[kind] ?? ''}/${metadata.name}`;
    await this.patch(
      `${path}?fieldManager=raw&force=true`,
      manifest,
      'application/apply-patch+yaml',
    );
  }
}

/** What has been counted between two readings. */
export function difference(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): (...verbs: readonly string[]) => number {
  return (...verbs) =>
    verbs.reduce((sum, verb) => sum + (after[verb] ?? 0) - (before[verb] ?? 0), 0);
}
