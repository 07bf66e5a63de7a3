import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { planLayout } from '../../src/layout/index.ts';
import { renderManifests, toYaml } from '../../src/render/index.ts';
import { parseSpec } from '../../src/spec/index.ts';

export interface GoldenFile {
  readonly path: string;
  /** Text that the present code gives. */
  readonly text: string;
}

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Names of all templates, without extension. */
export const templateNames: readonly string[] = readdirSync(`${root}templates`)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => name.replace(/\.yaml$/, ''))
  .toSorted();

/** What a template renders to, and the file that holds the reviewed version of it. */
export function goldenManifests(template: string): GoldenFile {
  const fileName = `templates/${template}.yaml`;
  const result = parseSpec(readFileSync(`${root}${fileName}`, 'utf8'), { fileName });
  if (result.kind === 'issues') throw new Error(JSON.stringify(result.issues, null, 2));
  return {
    path: `${root}test/golden/${template}/manifests.yaml`,
    text: toYaml(renderManifests(planLayout(result.spec))),
  };
}
