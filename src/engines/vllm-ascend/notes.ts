import type { EngineRequest } from '../engine.ts';
import type { Note } from '../reason.ts';
import { commonNotes } from '../vllm/notes.ts';
import { ignoredNotes } from './ignored-arguments.ts';

/** Longest context upstream's own tests run with, in tokens: 2 x A3 and 1 x A3. */
const testedContextTokens = 90_000;

/** What the reader of a plan must know about this layout on Ascend devices. */
export function ascendNotes(request: EngineRequest): Note[] {
  return [
    ...commonNotes(request),
    {
      code: 'ASCEND_PREFIX_CACHE_OFF',
      level: 'info',
      message: 'prefix caching is off, as in every published V3.2 configuration of vllm-ascend',
    },
    {
      code: 'ASCEND_ARCHITECTURE',
      level: 'info',
      message:
        'Ascend hosts are mostly arm64: where a pool mixes, add kubernetes.io/arch to its nodeSelector',
    },
    ...ignoredNotes(request),
    ...longContext(request),
    ...hostNetwork(request),
    ...candidate(request),
  ];
}

function longContext({ group }: EngineRequest): Note[] {
  if (group.contextTokens <= testedContextTokens) return [];
  return [
    {
      code: 'ASCEND_CONTEXT_UNPROVEN',
      level: 'warning',
      unverified: true,
      message: `context ${group.contextTokens} is longer than the ${testedContextTokens} tokens upstream tests on two A3 nodes`,
    },
  ];
}

function hostNetwork({ podsPerGroup, pool }: EngineRequest): Note[] {
  if (podsPerGroup === 1 || pool.fabric.hostNetwork) return [];
  return [
    {
      code: 'ASCEND_POD_NETWORK',
      level: 'warning',
      unverified: true,
      message:
        "the tutorials run on the host's network; upstream's own LeaderWorkerSet does not: if HCCL cannot connect, set fabric.hostNetwork: true",
    },
  ];
}

function candidate({ release }: EngineRequest): Note[] {
  if (!release.version.includes('rc')) return [];
  return [
    {
      code: 'RELEASE_CANDIDATE',
      level: 'warning',
      message: `${release.engine} ${release.version} is a release candidate`,
    },
  ];
}
