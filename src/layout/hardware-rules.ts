import {
  type AcceleratorRow,
  blackwell,
  engineReleases,
  findImage,
  type WeightFormatId,
} from '../catalog/index.ts';
import { engines, type Reason } from '../engines/index.ts';
import { parseBytes } from '../units/index.ts';
import type { GroupFacts } from './group-facts.ts';

/** Smallest `/dev/shm` with which a published multi-rank deployment of this model started. */
const leastSharedMemoryBytes = 2 * 2 ** 30;

/** What a group's image, weights and pod must be on its devices, whatever the layout and engine. */
export function checkHardware(facts: GroupFacts): Reason[] {
  return [
    ...replayIsForFit(facts),
    ...engineRunsHere(facts),
    ...imageIsKnown(facts),
    ...weightsRunHere(facts),
    ...nodesAreThere(facts),
    ...sharedMemoryIsEnough(facts),
  ];
}

/** What is computed as another release would is not what would run. */
function replayIsForFit({ group }: GroupFacts): Reason[] {
  if (group.memory?.replay === undefined) return [];
  return [
    {
      code: 'LAYOUT_REPLAY_ONLY',
      message:
        'the memory of this group follows a published log (memory.replay), not its own release',
      hint: 'Read the arithmetic with `dsdeploy fit`; remove memory.replay to plan the group.',
      source: 'groups[].memory.replay',
    },
  ];
}

function engineRunsHere({ engine, release, accelerator }: GroupFacts): Reason[] {
  if (engine.vendors.includes(accelerator.vendor)) return [];
  return [
    {
      code: 'LAYOUT_ENGINE_UNSUPPORTED',
      message: `${release.engine} does not run on ${accelerator.name}`,
      hint: `Use ${enginesOf(accelerator)}, or a pool of ${engine.vendors.join(' or ')} devices.`,
      source: release.source,
    },
  ];
}

function enginesOf({ vendor }: AcceleratorRow): string {
  const names = Object.entries(engines).flatMap(([id, engine]) =>
    engine.vendors.includes(vendor) ? [`engine: ${id}`] : [],
  );
  return names.join(' or ');
}

function imageIsKnown({ engine, release, accelerator, group }: GroupFacts): Reason[] {
  if (!engine.vendors.includes(accelerator.vendor)) return [];
  if (group.image !== undefined || findImage(release, accelerator) !== undefined) return [];
  const others = engineReleases.filter(
    (row) => row.engine === release.engine && findImage(row, accelerator) !== undefined,
  );
  const way =
    others.length === 0
      ? `no release of ${release.engine} has one for it in the catalog`
      : `or use a release with a known one: ${others.map(({ version }) => version).join(', ')}`;
  return [
    {
      code: 'LAYOUT_IMAGE_UNKNOWN',
      message: `no image of ${release.engine} ${release.version} is known for ${accelerator.name}`,
      hint: `Set groups[].image to one you have${others.length === 0 ? ';' : ','} ${way}.`,
      source: release.source,
    },
  ];
}

/** Whether a device computes with a weight format; unlisted formats run anywhere. */
const runsOn: Readonly<Partial<Record<WeightFormatId, (device: AcceleratorRow) => boolean>>> = {
  'fp8-block128': ({ peak }) => peak.eightBitKind === 'fp8',
  w8a8: ({ vendor }) => vendor === 'huawei',
  'w8a8-float-draft': ({ vendor }) => vendor === 'huawei',
  w4a8: ({ vendor }) => vendor === 'huawei',
  mxfp4: ({ id }) => id === 'mi355x' || id === 'mi350x',
  nvfp4: ({ id }) => blackwell.has(id),
  'nvfp4-experts': ({ id }) => blackwell.has(id),
};

const nvfp4Hint =
  'Use the FP8 weights (model.id deepseek-ai/DeepSeek-V3.2), or a pool of Blackwell devices.';

const formatHints: Readonly<Partial<Record<WeightFormatId, string>>> = {
  'fp8-block128':
    'Use the W8A8 weights: model.id vllm-ascend/DeepSeek-V3.2-W8A8, or sgl-npu/DeepSeek-V3.2-W8A8 with SGLang.',
  w8a8: 'Use the FP8 weights (model.id deepseek-ai/DeepSeek-V3.2), or a pool of Ascend devices.',
  mxfp4: 'Use the FP8 weights (model.id deepseek-ai/DeepSeek-V3.2), or a pool of MI350X or MI355X.',
  nvfp4: nvfp4Hint,
  'nvfp4-experts': nvfp4Hint,
};

function weightsRunHere({ model, accelerator }: GroupFacts): Reason[] {
  const { weightFormat } = model;
  if (runsOn[weightFormat]?.(accelerator) !== false) return [];
  return [
    {
      code: 'LAYOUT_WEIGHT_FORMAT_UNSUPPORTED',
      message: `${accelerator.name} does not compute with ${weightFormat} weights, which ${model.id} has`,
      hint: formatHints[weightFormat] ?? 'Use other weights.',
      source: accelerator.peak.source,
    },
  ];
}

function nodesAreThere({ group, pool }: GroupFacts): Reason[] {
  const { nodes, replicas, surge } = group;
  const needed = nodes * (replicas + surge);
  if (needed <= pool.nodes) return [];
  const copies = surge === 0 ? `${replicas} replicas` : `(${replicas} replicas + ${surge} surge)`;
  return [
    {
      code: 'LAYOUT_NODES_EXCEED_POOL',
      message: `${nodes} nodes x ${copies} is ${needed}, and pool "${pool.name}" has ${pool.nodes}`,
      hint: `Lower nodes${surge === 0 ? '' : ', surge'} or replicas, or raise pools.${pool.name}.nodes if you have them.`,
      source: `pools.${pool.name}.nodes`,
    },
  ];
}

function sharedMemoryIsEnough({ pool }: GroupFacts): Reason[] {
  const bytes = parseBytes(pool.pod.sharedMemory) ?? 0;
  if (bytes >= leastSharedMemoryBytes) return [];
  return [
    {
      code: 'LAYOUT_SHARED_MEMORY_SMALL',
      message: `pools.${pool.name}.pod.sharedMemory ${pool.pod.sharedMemory} is too small for the tensors that ranks of a pod hand each other`,
      hint: 'Set sharedMemory: 32Gi; 2Gi is the least that was seen to work.',
      source: 'llm-d wide-EP guide (2Gi); vllm-project/production-stack#276',
    },
  ];
}
