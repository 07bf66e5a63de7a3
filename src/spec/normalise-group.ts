import { parseBytes } from '../units/index.ts';
import type { SpecFile } from './schema.ts';
import type { GroupSpec, MemorySpec, Objective } from './spec.ts';

type GroupFile = SpecFile['groups'][number];
type ObjectiveFile = NonNullable<GroupFile['objective']>;
type MemoryFile = NonNullable<GroupFile['memory']>;

/** Turns the texts of a group into numbers. */
export function normaliseGroup({ context, objective, memory, ...group }: GroupFile): GroupSpec {
  return {
    ...group,
    contextTokens: toTokens(context),
    ...(objective === undefined ? {} : { objective: normaliseObjective(objective) }),
    ...(memory === undefined ? {} : { memory: normaliseMemory(memory) }),
  };
}

function normaliseObjective(objective: ObjectiveFile): Objective {
  if (typeof objective === 'string') return objective;
  const { context, ...limits } = objective;
  return context === undefined ? limits : { ...limits, contextTokens: toTokens(context) };
}

function normaliseMemory({ measured, replay }: MemoryFile): MemorySpec {
  return {
    ...(measured === undefined ? {} : { measured: normaliseMeasured(measured) }),
    ...(replay === undefined ? {} : { replay }),
  };
}

function normaliseMeasured(sizes: NonNullable<MemoryFile['measured']>): object {
  const bytes = {
    deviceBytes: sizes.deviceMemory,
    freeDeviceBytes: sizes.freeDeviceMemory,
    weightsBytes: sizes.weights,
    overheadBytes: sizes.overhead,
  };
  return Object.fromEntries(
    Object.entries(bytes).flatMap(([name, size]) =>
      size === undefined ? [] : [[name, parseBytes(size)]],
    ),
  );
}

function toTokens(tokens: number | string): number {
  return typeof tokens === 'number' ? tokens : Number.parseInt(tokens, 10) * 1024;
}
