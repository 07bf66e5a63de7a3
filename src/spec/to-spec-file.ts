import { gibibyte } from '../units/index.ts';
import { type SpecFile, specSchema } from './schema.ts';
import type { GroupSpec, MemorySpec, ModelSpec, PoolSpec, Spec } from './spec.ts';

/**
 * Turns a spec back into what a `dsdeploy.yaml` holds, every default written out. Reading it again
 * gives an equal spec; comments and the units somebody chose are gone. Equal specs give equal files,
 * keys in the order of the schema.
 */
export function toSpecFile(spec: Spec): SpecFile {
  const { drainSeconds, idleTimeoutSeconds, requestTimeoutSeconds, ...api } = spec.api;
  // Parsing brings the keys into the order of the schema, whichever way the spec was made.
  return specSchema.parse({
    apiVersion: spec.apiVersion,
    name: spec.name,
    namespace: spec.namespace,
    createNamespace: spec.createNamespace,
    model: toModel(spec.model),
    pools: Object.fromEntries(spec.pools.map((pool) => [pool.name, toPool(pool)])),
    groups: spec.groups.map(toGroup),
    api: {
      ...api,
      drain: `${String(drainSeconds)}s`,
      ...(idleTimeoutSeconds === undefined
        ? {}
        : { idleTimeout: `${String(idleTimeoutSeconds)}s` }),
      ...(requestTimeoutSeconds === undefined
        ? {}
        : { requestTimeout: `${String(requestTimeoutSeconds)}s` }),
    },
    observability: spec.observability,
  });
}

function toModel({ weights, ...model }: ModelSpec): object {
  const { kind, ...place } = weights.source;
  const readBandwidth = formatRate(weights.readBytesPerSecond);
  return { ...model, weights: { [kind]: place, readBandwidth } };
}

function toPool({ name: _name, ...pool }: PoolSpec): object {
  return pool;
}

function toGroup(group: GroupSpec): object {
  const { contextTokens, objective, memory, ...rest } = group;
  return {
    ...rest,
    context: contextTokens,
    ...(objective === undefined ? {} : { objective: toObjective(objective) }),
    ...(memory === undefined ? {} : { memory: toMemory(memory) }),
  };
}

function toObjective(objective: NonNullable<GroupSpec['objective']>): object | string {
  if (typeof objective === 'string') return objective;
  const { contextTokens, ...limits } = objective;
  return contextTokens === undefined ? limits : { ...limits, context: contextTokens };
}

function toMemory({ measured, replay }: MemorySpec): object {
  return {
    ...(measured === undefined ? {} : { measured: toMeasured(measured) }),
    ...(replay === undefined ? {} : { replay }),
  };
}

function toMeasured(sizes: NonNullable<MemorySpec['measured']>): object {
  const texts = {
    deviceMemory: sizes.deviceBytes,
    freeDeviceMemory: sizes.freeDeviceBytes,
    weights: sizes.weightsBytes,
    overhead: sizes.overheadBytes,
  };
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, bytes]) =>
      bytes === undefined ? [] : [[name, formatSize(bytes)]],
    ),
  );
}

/** Sizes need a unit; a fraction of one loses nothing, because reading rounds to whole bytes. */
function formatSize(bytes: number): string {
  return bytes >= gibibyte ? `${String(bytes / gibibyte)}Gi` : `${String(bytes / 1e3)}k`;
}

/** In the largest decimal unit that loses nothing. */
function formatRate(bytesPerSecond: number): string {
  const unit = (
    [
      ['GB', 1e9],
      ['MB', 1e6],
      ['kB', 1e3],
    ] as const
  ).find(([, factor]) => bytesPerSecond % factor === 0);
  if (unit === undefined) return `${String(bytesPerSecond)}B/s`;
  return `${String(bytesPerSecond / unit[1])}${unit[0]}/s`;
}
