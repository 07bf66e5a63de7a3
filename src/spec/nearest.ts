import { distance } from 'fastest-levenshtein';

/**
 * Returns the valid name that was probably meant, or `undefined` when none is close.
 *
 * Case and separators do not count, so `gpu_memory` finds `gpuMemory`; otherwise at most a third of
 * the letters may differ, or one name must contain the other.
 */
export function nearestName(name: string, valid: readonly string[]): string | undefined {
  const wanted = fold(name);
  if (wanted === '') return undefined;
  const ranked = valid
    .map((candidate) => ({ candidate, score: scoreOf(wanted, candidate) }))
    .filter(({ score: value }) => value <= 1 / 3)
    .toSorted((a, b) => a.score - b.score || a.candidate.localeCompare(b.candidate));
  return ranked[0]?.candidate;
}

/** What keys are called elsewhere: engine flags, short forms, Kubernetes. Folded as below. */
const otherNames: Readonly<Record<string, string>> = {
  dp: 'data',
  dataparallelsize: 'data',
  ep: 'expert',
  enableexpertparallel: 'expert',
  gpumemoryutilization: 'memoryUtilization',
  gpus: 'devicesPerNode',
  gpuspernode: 'devicesPerNode',
  kvcachedtype: 'kvCache',
  maxmodellen: 'context',
  maxnumbatchedtokens: 'maxBatchedTokens',
  pp: 'pipeline',
  pipelineparallelsize: 'pipeline',
  shm: 'sharedMemory',
  tp: 'tensor',
  tensorparallelsize: 'tensor',
  version: 'release',
};

/** Like `nearestName`, for keys: it also knows what engines and Kubernetes call them. */
export function nearestKey(key: string, valid: readonly string[]): string | undefined {
  const folded = fold(key);
  const known = Object.hasOwn(otherNames, folded) ? otherNames[folded] : undefined;
  return known !== undefined && valid.includes(known) ? known : nearestName(key, valid);
}

/** A model is often called by what follows the slash of its id. */
function scoreOf(wanted: string, candidate: string): number {
  const last = candidate.slice(candidate.lastIndexOf('/') + 1);
  return Math.min(score(wanted, fold(candidate)), score(wanted, fold(last)));
}

/** Share of letters that differ, 0 to 1; less than a third of that where one contains the other. */
function score(a: string, b: string): number {
  const share = distance(a, b) / Math.max(a.length, b.length, 1);
  const shorter = Math.min(a.length, b.length);
  const contained = shorter >= 4 && (a.includes(b) || b.includes(a));
  return contained ? share * 0.3 : share;
}

/** Turns a text into the Kubernetes name nearest to it: `My_Pool 1` into `my-pool-1`. */
export function toKubernetesName(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '');
}

function fold(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}
