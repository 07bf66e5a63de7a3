import { sglangGraphs } from './graph-memory.ts';
import { type MemoryBehaviourRow, withCommunication } from './memory-behaviour-row.ts';

const gib = 2 ** 30;

const formula = { kind: 'formula' } as const;

const sglangShared = {
  graphsInBudget: 'none',
  runtime: withCommunication,
  indexerLogitsCapped: true,
  graphBytes: sglangGraphs,
} as const;

/** What the releases of SGLang share that load the draft module before they size the pool. */
const sglangDraftFirst = {
  ...sglangShared,
  draftHasOwnEmbeddings: true,
  amdAllReduce: {
    upTo4Ranks: 5.5 * gib,
    more: 7.02 * gib,
    source:
      'AMD-AGI/Infera logs of SGLang 0.5.14 and 0.5.15.post1 on MI355X: 278.4 GiB free with 4 ranks, 276.9 with 8, 283.9 with --disable-custom-all-reduce; 283.5 in images of February 2026',
  },
} as const;

/** Newest first. */
export const sglangMemoryBehaviours: readonly MemoryBehaviourRow[] = [
  {
    engine: 'sglang',
    since: '0.5.23',
    ...sglangDraftFirst,
    undersizedCell: false,
    staticReserve: { ...formula, prefillGraphMib: 1536, deepEpMib: 2048, deepEpPrefillMib: 1024 },
    source: 'arg_groups/memory_hook.py; first release with the last of these assumed',
  },
  {
    engine: 'sglang',
    since: '0.5.18',
    ...sglangDraftFirst,
    undersizedCell: false,
    staticReserve: { ...formula, prefillGraphMib: 1536, deepEpMib: 2048 },
    source:
      'models/deepseek_v2.py and mem_cache/kv_cache_configurator.py (_should_elide_dsa_index_k) of 0.5.17 and 0.5.18: no indexer and no cache where it is shared',
  },
  {
    engine: 'sglang',
    since: '0.5.17',
    ...sglangDraftFirst,
    undersizedCell: false,
    keepsSharedIndexers: true,
    staticReserve: { ...formula, prefillGraphMib: 1536, deepEpMib: 2048 },
    source:
      'sgl-project/sglang#31992 of 2026-07-27; pool_configurator.py of 0.5.16 and 0.5.17 (calculate_mla_kv_cache_dim)',
  },
  {
    engine: 'sglang',
    since: '0.5.15',
    ...sglangDraftFirst,
    undersizedCell: true,
    keepsSharedIndexers: true,
    staticReserve: { ...formula, prefillGraphMib: 1536, deepEpMib: 2048 },
    source: 'as 0.5.14; room for DeepEP: server_args.py of 0.5.15.post1',
  },
  {
    engine: 'sglang',
    since: '0.5.14',
    ...sglangDraftFirst,
    undersizedCell: true,
    keepsSharedIndexers: true,
    staticReserve: { ...formula, prefillGraphMib: 1536 },
    source:
      'pool_configurator.py (eagle_draft_num_layers), managers/scheduler.py and speculative/eagle_worker_v2.py (init_lm_head) of 0.5.13 and 0.5.14: the draft is loaded before the pool is sized, its layer is in the cell',
  },
  {
    engine: 'sglang',
    since: '0.5.12',
    ...sglangShared,
    undersizedCell: true,
    keepsSharedIndexers: true,
    draftAfterPool: true,
    staticReserve: { ...formula, prefillGraphMib: 1536, draftMib: 4096 },
    source:
      'sgl-project/sglang#31992 as below; the target sizes its pool before the draft is loaded; room for prefill graphs assumed since they are on by default',
  },
  {
    engine: 'sglang',
    since: '0.5.8',
    ...sglangShared,
    undersizedCell: true,
    keepsSharedIndexers: true,
    draftAfterPool: true,
    staticReserve: { ...formula, draftMib: 2048 },
    source: 'server_args.py of 0.5.9; the embedding: deepseek_v2.py of 0.5.7 and 0.5.8',
  },
  {
    engine: 'sglang',
    since: '0.5.4',
    ...sglangShared,
    undersizedCell: true,
    keepsSharedIndexers: true,
    wholeEmbedding: true,
    draftAfterPool: true,
    staticReserve: { ...formula, draftMib: 2048 },
    source: 'server_args.py of 0.5.4; first release with this formula assumed',
  },
  {
    engine: 'sglang',
    since: '0.4.10',
    ...sglangShared,
    undersizedCell: true,
    keepsSharedIndexers: true,
    wholeEmbedding: true,
    draftAfterPool: true,
    staticReserve: { kind: 'device' },
    source: 'server_args.py of 0.4.10.post1; first release with this formula assumed',
  },
  {
    engine: 'sglang',
    since: '0.0.0',
    ...sglangShared,
    undersizedCell: true,
    keepsSharedIndexers: true,
    wholeEmbedding: true,
    draftAfterPool: true,
    staticReserve: { kind: 'ranks' },
    source:
      'server_args.py of 0.4.3; sgl-project/sglang#31992: 43,188 bytes per token counted, 48,068 allocated',
  },
];
