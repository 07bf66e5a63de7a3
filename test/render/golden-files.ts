import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { planLayout } from '../../src/layout/index.ts';
import { renderManifests, toYaml } from '../../src/render/index.ts';
import { parseSpec, type Spec } from '../../src/spec/index.ts';

export interface GoldenFile {
  readonly path: string;
  /** Text that the present code gives. */
  readonly text: string;
}

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Whole specs whose manifests are kept: those for users first, then variants that only tests need. */
const folders: readonly string[] = ['templates', 'test/fixtures/specs'];

/** Path of each spec by its name, without extension. */
const specFiles: ReadonlyMap<string, string> = new Map(
  folders.flatMap((folder) =>
    readdirSync(`${root}${folder}`)
      .filter((name) => name.endsWith('.yaml'))
      .toSorted()
      .map((name) => [name.replace(/\.yaml$/, ''), `${folder}/${name}`] as const),
  ),
);

/** Names of all specs with golden manifests. */
export const specNames: readonly string[] = [...specFiles.keys()];

/** One of the specs, as a user would give it. */
export function readSpec(name: string): Spec {
  const fileName = specFiles.get(name) ?? `templates/${name}.yaml`;
  const result = parseSpec(readFileSync(`${root}${fileName}`, 'utf8'), { fileName });
  if (result.kind === 'issues') throw new Error(JSON.stringify(result.issues, null, 2));
  return result.spec;
}

/** What a spec renders to, and the file that holds the reviewed version of it. */
export function goldenManifests(name: string): GoldenFile {
  return {
    path: `${root}test/golden/${name}/manifests.yaml`,
    text: toYaml(renderManifests(planLayout(readSpec(name)))),
  };
}
