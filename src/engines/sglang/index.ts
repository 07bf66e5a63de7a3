import { fitSglangRank } from '../../capacity/index.ts';
import type { Engine } from '../engine.ts';
import { sglangAbilities } from './chat.ts';
import { probeTimeoutSeconds } from './health-timeout.ts';
import { sglangBlockTokens, sglangFraction, sglangKvLayout, sglangStep } from './memory.ts';
import { sglangNotes } from './notes.ts';
import { sglangMetrics, sglangMilestones } from './observability.ts';
import { platformOf } from './platform.ts';
import { sglangPodAccess } from './pod-access.ts';
import { sglangPreferredLayouts } from './preferred-layouts.ts';
import { checkSglangExtras } from './rules/extra-rules.ts';
import { checkSglangLayout } from './rules/layout-rules.ts';
import { sglangServerInfo } from './server-info.ts';
import { sglangMaxSequences } from './sizes.ts';
import { sglangWorkloads } from './workloads.ts';

export const sglang: Engine = {
  vendors: ['nvidia', 'amd', 'huawei'],
  fit: fitSglangRank,
  defaultUtilization: sglangFraction,
  kvLayout: sglangKvLayout,
  blockTokens: sglangBlockTokens,
  maxSequences: sglangMaxSequences,
  stepSettings: sglangStep,
  preferredLayouts: sglangPreferredLayouts,
  // sglang srt/entrypoints/engine.py: nodes are dealt out to stages, attention copies lie inside one
  rankOrder: 'pipeline-first',
  checkLayout: checkSglangLayout,
  checkExtras: checkSglangExtras,
  podAccess: sglangPodAccess,
  buildWorkloads: sglangWorkloads,
  notes: sglangNotes,
  warmUp: {
    seconds: 900,
    source:
      'kernel compilation, graph capture and the first request: the V3.2 tests on MI35x allow 5400 s with the load; 15 min assumed, not measured on hardware',
  },
  logMilestones: sglangMilestones,
  metrics: sglangMetrics,
  serverInfo: sglangServerInfo,
  healthTimeoutSeconds: probeTimeoutSeconds,
  abilities: sglangAbilities,
  // sglang srt/entrypoints/openai/protocol.py
  reasoningField: 'reasoning_content',
  checksModelName: false,
  kvCaches: (accelerator) => platformOf(accelerator).kvCaches,
  keepsPrefixes: (args) => !args.includes('--disable-radix-cache'),
};
