import { accelerators, engineReleases, findImage, models } from '../catalog/index.ts';

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

/**
 * Releases of an engine with an image for a device; all of them where the device is
 * not known, or where none has one.
 */
export function releasesFor(engine: string, acceleratorId: string | undefined): readonly string[] {
  const device = accelerators.find(({ id }) => id === acceleratorId);
  const rows = engineReleases.filter((row) => row.engine === engine);
  const withImage = rows.filter((row) => device !== undefined && findImage(row, device));
  return (withImage.length > 0 ? withImage : rows).map(({ version }) => version);
}
