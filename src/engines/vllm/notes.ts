import type { EngineRequest } from '../engine.ts';
import type { Note } from '../reason.ts';
import { allToAllNotes } from './all-to-all.ts';
import { fixedBatchNotes } from './batch-sizes.ts';
import { kvConnectorOf } from './kv-connector.ts';
import { chatNotes } from './model-parsers.ts';
import { spansNodes } from './placement.ts';
import { rocmNotes } from './rocm-notes.ts';

/** Query heads per rank that FlashMLA's sparse kernel pads to on Hopper. */
const hopperHeadTile = 64;

/** What the reader of a plan must know about this layout on vLLM. */
export function vllmNotes(request: EngineRequest): Note[] {
  return [
    ...commonNotes(request),
    ...headPadding(request),
    ...allToAllNotes(request),
    ...fixedBatchNotes(request),
    ...rocmNotes(request),
  ];
}

/** The same on every device. */
export function commonNotes(request: EngineRequest): Note[] {
  return [
    ...chatNotes(request),
    ...loadBalancing(request),
    ...tensorOverNodes(request),
    ...balancing(request),
    ...connector(request),
  ];
}

function headPadding({ model, parallelism, accelerator }: EngineRequest): Note[] {
  const heads = model.architecture.attentionHeads / parallelism.tensor;
  const sparse = model.architecture.indexer !== undefined;
  if (!sparse || accelerator.vendor !== 'nvidia' || heads >= hopperHeadTile) return [];
  return [
    {
      code: 'VLLM_HEAD_PADDING',
      level: 'warning',
      message:
        `tensor ${parallelism.tensor} leaves ${heads} heads per rank, which the sparse attention ` +
        `kernel pads to ${hopperHeadTile}: prefer tensor 1 or 2 with data and expert parallelism`,
    },
  ];
}

function loadBalancing({ group, api }: EngineRequest): Note[] {
  switch (group.loadBalancing) {
    case 'internal':
      return [];
    case 'hybrid':
      return [
        {
          code: 'VLLM_HYBRID_LB',
          level: 'info',
          message:
            'every pod takes requests for its own ranks, and the Service spreads connections, not ' +
            'tokens: put a router that looks at load in front for long requests',
        },
      ];
    case 'multi-port':
      return [
        {
          code: 'VLLM_MULTI_PORT_LB',
          level: 'warning',
          message:
            `every rank has its own port from ${api.port} on, and the Service reaches only the first ` +
            'rank of each pod: use a router that knows the ports, and scrape each of them',
        },
      ];
  }
}

function tensorOverNodes(request: EngineRequest): Note[] {
  const { tensor, pipeline } = request.parallelism;
  if (!spansNodes(request) || tensor <= request.devicesPerPod) return [];
  return [
    {
      code: 'VLLM_TENSOR_OVER_NODES',
      level: 'warning',
      message:
        `tensor ${tensor}${pipeline > 1 ? ` x pipeline ${pipeline}` : ''} crosses nodes: every layer ` +
        'waits for the network twice; data and expert parallelism send less',
    },
  ];
}

function balancing({ group, parallelism }: EngineRequest): Note[] {
  if (group.redundantExperts === 0) return [];
  const perRank = group.redundantExperts / (parallelism.tensor * parallelism.data);
  return [
    {
      code: 'VLLM_EPLB',
      level: 'info',
      message: `${group.redundantExperts} copies of busy experts, ${perRank} on each rank, are placed anew every 3,000 steps`,
    },
  ];
}

function connector({ group }: EngineRequest): Note[] {
  const text = kvConnectorOf(group.extraArgs);
  if (text === undefined) return [];
  const both = text.includes('kv_both') ? '; kv_both is deprecated' : '';
  return [
    {
      code: 'VLLM_KV_CONNECTOR',
      level: 'warning',
      message: `--kv-transfer-config opens ports between groups, which the network policies of this deployment do not${both}`,
    },
  ];
}
