import {
  expectedMemoryError,
  fullContextBytes,
  type MemoryError,
  type RankMemory,
} from '../capacity/index.ts';
import type { Note } from '../engines/index.ts';
import type { Parallelism } from '../spec/index.ts';
import { formatGib } from '../units/index.ts';
import type { GroupFacts } from './group-facts.ts';
import { fitRequestOf } from './rank-memory.ts';
import { questionFor } from './search-group.ts';

interface PlacedMemory {
  readonly parallelism: Parallelism;
  readonly memory: RankMemory;
}

/** A failed start costs half an hour, so a fit within the error of the arithmetic is told as such. */
export function narrowMemoryNotes(
  facts: GroupFacts,
  { parallelism, memory }: PlacedMemory,
): Note[] {
  const request = fitRequestOf(facts, questionFor(facts, parallelism));
  const error = expectedMemoryError(facts.release.engine, memory, request);
  const spareBytes = memory.kvBytesPerRank - fullContextBytes(memory);
  if (error === undefined || spareBytes >= error.bytes) return [];
  return [
    {
      code: 'MEMORY_NARROW',
      level: 'warning',
      message: `fits with ${formatGib(spareBytes)} to spare in each rank, and ${describe(error)}: start one copy before you count on it`,
    },
  ];
}

function describe({ bytes, basis, lines }: MemoryError): string {
  return basis === 'site'
    ? `equal starts differ by up to ${formatGib(bytes)}`
    : `${lines} published logs of such layouts were off by up to ${formatGib(bytes)}`;
}
