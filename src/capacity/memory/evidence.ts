import { type MemoryEngine, memoryEvidence } from '../../catalog/index.ts';
import type { FitRequest } from './fit-request.ts';
import type { RankMemory } from './rank-memory.ts';

/** What a site's own logs leave open: equal starts differ by as much. */
const calibratedShare = 0.03;

/** How far the cache of a rank may be from what the engine will say. */
export interface MemoryError {
  readonly bytes: number;
  /** Published logs of such layouts, or the site's own. */
  readonly basis: 'published' | 'site';
  /** Published lines that were compared; 0 where the site's own count. */
  readonly lines: number;
}

/**
 * Error to expect of the cache, from the largest one seen in published logs of such layouts;
 * `undefined` where nobody has published one, and for models that see where none is of such a model.
 *
 * @source docs/capacity-lines.md
 */
export function expectedMemoryError(
  engine: MemoryEngine,
  { kvBytesPerRank }: Pick<RankMemory, 'kvBytesPerRank'>,
  request: Pick<FitRequest, 'model' | 'sharding' | 'accelerator' | 'measured'>,
): MemoryError | undefined {
  const { model, sharding, accelerator, measured } = request;
  const cacheBytes = Math.max(0, kvBytesPerRank);
  if (measured?.overheadBytes !== undefined) {
    return { bytes: calibratedShare * cacheBytes, basis: 'site', lines: 0 };
  }
  const { tensor, data, pipeline, expert } = sharding;
  const isTensor = !expert && data * pipeline === 1 && tensor <= accelerator.devicesPerNode;
  const sees = model.vision !== undefined;
  const layouts = isTensor ? 'tensor' : 'spread';
  const evidence = memoryEvidence.find(
    (row) =>
      row.engine === engine &&
      row.layouts === layouts &&
      (sees ? row.seeing : row.vendors).includes(accelerator.vendor),
  );
  if (evidence === undefined) return undefined;
  const { share, bytes, lines } = evidence;
  return { bytes: Math.max(share * cacheBytes, bytes), basis: 'published', lines };
}
