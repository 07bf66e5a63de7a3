import { fitRank } from '../../capacity/index.ts';
import type { Engine } from '../engine.ts';
import { releaseUtilization, replacedNotes } from '../vllm/arguments.ts';
import { batchSizes } from '../vllm/batch-sizes.ts';
import { reasoningField, vllmAbilities } from '../vllm/model-parsers.ts';
import { vllmMetrics, vllmMilestones } from '../vllm/observability.ts';
import { keepsPrefixes } from '../vllm/prefix-cache.ts';
import { vllmWorkloads } from '../vllm/workloads.ts';
import { ascendDialect } from './dialect.ts';
import { checkAscendExtras } from './extra-rules.ts';
import { checkAscendLayout } from './layout-rules.ts';
import { ascendNotes } from './notes.ts';
import { ascendAccess } from './pod-access.ts';
import { ascendPreferredLayouts } from './preferred-layouts.ts';
import { ascendStep } from './step-settings.ts';

/** vLLM with the plug-in for Ascend devices. */
export const vllmAscend: Engine = {
  vendors: ['huawei'],
  fit: fitRank,
  defaultUtilization: ({ release }) => releaseUtilization(release),
  kvLayout: () => 'ascend-bf16',
  blockTokens: () => 128,
  maxSequences: (question) => batchSizes(question).sequences,
  stepSettings: ascendStep,
  preferredLayouts: ascendPreferredLayouts,
  // vllm/distributed/parallel_state.py: data x pipeline x tensor
  rankOrder: 'data-first',
  checkLayout: checkAscendLayout,
  checkExtras: checkAscendExtras,
  podAccess: ascendAccess,
  buildWorkloads: (request) => vllmWorkloads(request, ascendDialect),
  notes: (request) => [...ascendNotes(request), ...replacedNotes(request, ascendDialect)],
  warmUp: {
    seconds: 900,
    source:
      "operator compilation and graph capture assumed 15 min: upstream's tests allow 3,000 s for a start with the load",
  },
  logMilestones: vllmMilestones,
  metrics: vllmMetrics,
  abilities: vllmAbilities,
  reasoningField,
  checksModelName: true,
  kvCaches: () => ['bf16'],
  keepsPrefixes,
};
