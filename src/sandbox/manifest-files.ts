import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { loadAll } from 'js-yaml';

import type { ApiObject } from './api-client.ts';

/** Reads every object from the YAML and JSON files in `directory`, in the order of file names. */
export async function readManifests(directory: string): Promise<ApiObject[]> {
  const names = (await readdir(directory)).filter((name) => /\.(yaml|json)$/.test(name)).sort();
  const files = await Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(directory, name), 'utf8');
      return name.endsWith('.json') ? (JSON.parse(text) as ApiObject[]) : parseManifests(text);
    }),
  );
  return files.flat();
}

/** Parses a YAML stream of Kubernetes objects; empty documents are left out. */
export function parseManifests(text: string): ApiObject[] {
  return (loadAll(text) as (ApiObject | null | undefined)[]).filter((object) => object != null);
}
