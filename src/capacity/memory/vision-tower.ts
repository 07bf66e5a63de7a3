import type { VisionTower } from '../../catalog/index.ts';

/** What an engine is told about the vision tower of a model that sees. */
export interface VisionSettings {
  /**
   * Whether tensor ranks share its matrices, each has them all and works on images of its own, or
   * none is loaded.
   *
   * @default - as its release does unless told
   */
  readonly tower?: 'cut' | 'whole' | 'none';
  /**
   * Whether images are part of the profile.
   *
   * @default true
   */
  readonly profiled?: boolean;
}

/** Weights of the tower on a rank that shares it with so many, 0 for none; bytes. */
export function towerBytes(tower: VisionTower | undefined, ranks = 1): number {
  if (tower === undefined || ranks === 0) return 0;
  return tower.wholeBytes + tower.cutBytes / ranks;
}
