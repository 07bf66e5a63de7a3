import { findAccelerator, findModel } from '../catalog/index.ts';
import { parseBytesPerSecond, parseSeconds } from '../units/index.ts';
import { normaliseGroup } from './normalise-group.ts';
import type { SpecFile } from './schema.ts';
import type { ApiSpec, ModelSpec, PoolSpec, Spec, WeightsSource } from './spec.ts';

type PoolFile = SpecFile['pools'][string];
type WeightsFile = SpecFile['model']['weights'];

/** Fills in what follows from other keys or from the catalog, and turns texts into numbers. */
export function normaliseSpec(file: SpecFile): Spec {
  return {
    apiVersion: file.apiVersion,
    name: file.name,
    namespace: file.namespace ?? file.name,
    createNamespace: file.createNamespace,
    model: normaliseModel(file.model),
    pools: Object.entries(file.pools).map(([name, pool]) => normalisePool(name, pool)),
    groups: file.groups.map(normaliseGroup),
    api: normaliseApi(file),
    observability: file.observability,
  };
}

function normaliseModel({ weights, ...model }: SpecFile['model']): ModelSpec {
  const readBytesPerSecond = known(parseBytesPerSecond(weights.readBandwidth), 'readBandwidth');
  return { ...model, weights: { source: weightsSource(weights), readBytesPerSecond } };
}

function weightsSource({ pvc, hostPath, image }: WeightsFile): WeightsSource {
  if (pvc !== undefined) return { kind: 'pvc', ...pvc };
  if (hostPath !== undefined) return { kind: 'hostPath', ...hostPath };
  return { kind: 'image', ...known(image, 'weights') };
}

function normalisePool(name: string, pool: PoolFile): PoolSpec {
  const accelerator = known(findAccelerator(pool.accelerator), 'accelerator');
  return {
    ...pool,
    name,
    devicesPerNode: pool.devicesPerNode ?? accelerator.devicesPerNode,
    deviceResource: pool.deviceResource ?? accelerator.deviceResource,
    pod: { ...pool.pod, cpu: String(pool.pod.cpu) },
  };
}

function normaliseApi({
  api: { drain, idleTimeout, requestTimeout, ...api },
  model,
}: SpecFile): ApiSpec {
  const { sampling } = known(findModel(model.id), 'model');
  return {
    ...api,
    servedModelNames: api.servedModelNames.length > 0 ? api.servedModelNames : [model.id],
    sampling: { ...sampling, ...api.sampling },
    drainSeconds: known(parseSeconds(drain), 'drain'),
    ...(idleTimeout === undefined
      ? {}
      : { idleTimeoutSeconds: known(parseSeconds(idleTimeout), 'idleTimeout') }),
    ...(requestTimeout === undefined
      ? {}
      : { requestTimeoutSeconds: known(parseSeconds(requestTimeout), 'requestTimeout') }),
  };
}

/** A value the schema and the rules have made sure of; its absence is a bug here. */
function known<Value>(value: Value | undefined, key: string): Value {
  if (value === undefined) throw new TypeError(`"${key}" passed the spec checks without a value`);
  return value;
}
