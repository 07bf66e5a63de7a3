import type { OwnedFlags } from '../extra-args.ts';

const plainHttp =
  'nothing: probes and clients speak plain HTTP to api.port; end TLS in front of it';

/** Flags dsdeploy writes itself, one spelling each, with the place in the spec that sets them. */
export const ownedFlags: OwnedFlags = {
  '--model-path': 'model.id and model.weights',
  '--served-model-name': 'api.servedModelNames',
  '--port': 'api.port',
  '--host': 'nothing: the server listens on all interfaces of its pod',
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
  '--config': 'nothing: what stands in another file cannot be checked; write it into extraArgs',
  '--grpc-mode': plainHttp,
  '--smg-grpc-mode': plainHttp,
  '--ssl-keyfile': plainHttp,
  '--ssl-certfile': plainHttp,
  '--dist-timeout': 'the start-up budget, from model.weights.readBandwidth',
};
