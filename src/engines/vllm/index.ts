import type { Engine } from '../engine.ts';
import { checkVllmExtras } from './extra-rules.ts';
import { checkVllmLayout } from './layout-rules.ts';
import { vllmNotes } from './notes.ts';
import { vllmWorkloads } from './workloads.ts';

export const vllm: Engine = {
  checkLayout: checkVllmLayout,
  checkExtras: checkVllmExtras,
  kvLayout: (kvCache) => (kvCache === 'fp8' ? 'fp8-ds-mla' : 'bf16'),
  blockTokens: 64,
  warmUp: {
    seconds: 600,
    source:
      'DeepGEMM warm-up about 3 min (LMCache#2521); compilation and graph capture assumed 7 min, not measured on hardware',
  },
  buildWorkloads: vllmWorkloads,
  notes: vllmNotes,
};
