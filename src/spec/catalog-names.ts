import { accelerators, engineReleases, models } from '../catalog/index.ts';

/** Names the file may use, in the catalog's order. */
export const modelIds: readonly string[] = models.map(({ id }) => id);
export const acceleratorIds: readonly string[] = accelerators.map(({ id }) => id);
export const releaseVersions: readonly string[] = [
  ...new Set(engineReleases.map(({ version }) => version)),
];

/** Releases of one engine, newest first; empty for an engine nobody knows. */
export function releasesOf(engine: string): readonly string[] {
  return engineReleases.filter((row) => row.engine === engine).map(({ version }) => version);
}
