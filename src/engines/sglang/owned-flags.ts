import { type EngineReleaseRow, findArgument } from '../../catalog/index.ts';

/** Flags dsdeploy writes itself, one spelling each, with the place in the spec that sets them. */
const owners: Readonly<Record<string, string>> = {
  '--model-path': 'model.id and model.weights',
  '--served-model-name': 'api.servedModelNames',
  '--port': 'api.port',
  '--host': 'nothing: it listens on all interfaces',
  '--api-key': 'api.keySecret',
  '--tp-size': 'groups[].parallelism (tensor x data)',
  '--pp-size': 'groups[].parallelism.pipeline',
  '--dp-size': 'groups[].parallelism.data',
  '--attn-dp-size': 'groups[].parallelism.data',
  '--enable-dp-attention': 'groups[].parallelism.data',
  '--ep-size': 'groups[].parallelism.expert',
  '--moe-a2a-backend': 'groups[].allToAll',
  '--enable-eplb': 'groups[].redundantExperts',
  '--ep-num-redundant-experts': 'groups[].redundantExperts',
  '--nnodes': 'groups[].nodes',
  '--node-rank': 'groups[].nodes',
  '--dist-init-addr': 'groups[].nodes',
  '--context-length': 'groups[].context',
  '--kv-cache-dtype': 'groups[].kvCache',
  '--mem-fraction-static': 'groups[].memoryUtilization',
  '--chunked-prefill-size': 'groups[].maxBatchedTokens',
  '--max-running-requests': 'groups[].maxSequences',
  '--speculative-algorithm': 'groups[].mtpTokens',
  '--speculative-num-steps': 'groups[].mtpTokens',
  '--speculative-eagle-topk': 'groups[].mtpTokens',
  '--speculative-num-draft-tokens': 'groups[].mtpTokens',
  '--device': 'pools.*.accelerator',
  '--sampling-defaults': 'api.sampling',
  '--default-chat-template-kwargs': 'api.thinking',
  '--dist-timeout': 'the start-up budget, from model.weights.readBandwidth',
};

/** What sets a flag in the spec, whichever of its spellings is used; `undefined` for free flags. */
export function ownerOf(
  flag: string,
  release: Pick<EngineReleaseRow, 'arguments'>,
): string | undefined {
  const spellings = findArgument(release, flag)?.flags ?? [flag];
  const own = spellings.find((spelling) => owners[spelling] !== undefined);
  return own === undefined ? undefined : owners[own];
}
