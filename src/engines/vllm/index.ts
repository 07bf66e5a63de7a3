import { fitRank } from '../../capacity/index.ts';
import { blackwell } from '../../catalog/index.ts';
import type { Engine, EngineRequest } from '../engine.ts';
import { amdDialect, amdSparseBlockTokens } from './amd.ts';
import { releaseUtilization, replacedNotes } from './arguments.ts';
import { batchSizes } from './batch-sizes.ts';
import type { VllmDialect } from './dialect.ts';
import { reasoningField, vllmAbilities } from './model-parsers.ts';
import { vllmNotes } from './notes.ts';
import { nvidiaDialect } from './nvidia.ts';
import { vllmMetrics, vllmMilestones } from './observability.ts';
import { vllmAccess } from './pod-access.ts';
import { keepsPrefixes } from './prefix-cache.ts';
import { checkVllmExtras } from './rules/extra-rules.ts';
import { checkVllmLayout } from './rules/layout-rules.ts';
import { checkRails } from './rules/rocm-rules.ts';
import { vllmStep } from './step-settings.ts';
import { vllmWorkloads } from './workloads.ts';

/** Tokens per block of FlashMLA's sparse attention and its indexer on CUDA. */
const cudaBlockTokens = 64;

export const vllm: Engine = {
  vendors: ['nvidia', 'amd'],
  fit: fitRank,
  defaultUtilization: ({ release }) => releaseUtilization(release),
  kvLayout: ({ group, accelerator, model }) => {
    if (group.kvCache === 'bf16') return 'bf16';
    // The packed layout is that of FlashMLA's sparse attention; dense latents have one scale for all, and
    // so has FlashInfer's on Blackwell. Source: vllm/platforms/cuda.py of 0.25.1 and 0.33.0, of 0.18.1 for
    // 16 heads a rank or fewer; a log of GLM-5.2 on GB200 has 50.62 GiB for 1,139,456 tokens.
    const packs = accelerator.vendor !== 'amd' && model.architecture.indexer !== undefined;
    return packs && !blackwell.has(accelerator.id) ? 'fp8-ds-mla' : 'fp8-plain';
  },
  blockTokens: ({ accelerator }) =>
    accelerator.vendor === 'amd' ? amdSparseBlockTokens : cudaBlockTokens,
  maxSequences: (question) => batchSizes(question).sequences,
  stepSettings: vllmStep,
  // On AMD the recipe and all published runs are plain tensor parallelism inside a node.
  preferredLayouts: ({ accelerator, podsPerGroup, pool }) =>
    accelerator.vendor === 'amd' && podsPerGroup === 1
      ? [{ tensor: pool.devicesPerNode, data: 1, pipeline: 1, expert: false }]
      : [],
  // vllm/distributed/parallel_state.py: data x pipeline x tensor
  rankOrder: 'data-first',
  checkLayout: checkVllmLayout,
  checkExtras: (question) => [...checkVllmExtras(question), ...checkRails(question)],
  podAccess: vllmAccess,
  buildWorkloads: (request) => vllmWorkloads(request, dialectOf(request)),
  notes: (request) => [...vllmNotes(request), ...replacedNotes(request, dialectOf(request))],
  warmUp: {
    seconds: 600,
    source:
      'DeepGEMM warm-up about 3 min (LMCache#2521); compilation and graph capture assumed 7 min, not measured on hardware',
  },
  logMilestones: vllmMilestones,
  metrics: vllmMetrics,
  abilities: vllmAbilities,
  reasoningField,
  checksModelName: true,
  kvCaches: () => ['bf16', 'fp8'],
  keepsPrefixes,
};

function dialectOf({ accelerator }: EngineRequest): VllmDialect {
  return accelerator.vendor === 'amd' ? amdDialect : nvidiaDialect;
}
