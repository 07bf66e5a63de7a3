import type { EngineRequest } from '../engine.ts';
import { hasFlag } from './flags.ts';
import { stageRanks } from './sizes.ts';

/** Port of the rendezvous on the leader; SGLang's own messages take the next few above it. */
export const rendezvousPort = 20_000;

/**
 * Parallel degrees in SGLang's words: its tensor size counts all ranks of a pipeline stage, and
 * attention data parallelism splits them, so `tensor 1 x data 8` is `--tp-size 8` with 8 data ranks.
 */
export function parallelArguments(request: EngineRequest): string[] {
  const { parallelism, group } = request;
  const ranks = stageRanks(request);
  const args = ['--tp-size', String(ranks)];
  if (parallelism.pipeline > 1) args.push('--pp-size', String(parallelism.pipeline));
  args.push(...attentionDataArguments(request));
  if (parallelism.expert && ranks > 1) args.push('--ep-size', String(ranks));
  args.push(...allToAllArguments(group.allToAll));
  if (group.redundantExperts > 0) {
    args.push('--enable-eplb', '--ep-num-redundant-experts', String(group.redundantExperts));
  }
  return [...args, ...nodeArguments(request)];
}

/**
 * Newer releases count attention data ranks with an option of their own and give `--dp-size` back
 * its meaning of whole copies.
 *
 * @source 0.5.23 arg_groups/parallel_hook.py, handle_deprecated_dp_attention
 */
function attentionDataArguments({ parallelism, release }: EngineRequest): string[] {
  const { data } = parallelism;
  if (data === 1) return [];
  return hasFlag(release, '--attn-dp-size')
    ? ['--attn-dp-size', String(data)]
    : ['--dp-size', String(data), '--enable-dp-attention'];
}

function allToAllArguments(allToAll: string): string[] {
  if (allToAll === 'auto' || allToAll === 'none') return [];
  // MoRI has kernels for one mode only; `auto` would pick the other in older releases.
  const mode = allToAll === 'mori' ? ['--deepep-mode', 'normal'] : [];
  return ['--moe-a2a-backend', allToAll, ...mode];
}

/** Kubernetes fills in both variables, which LeaderWorkerSet sets before all others. */
function nodeArguments({ podsPerGroup }: EngineRequest): string[] {
  if (podsPerGroup === 1) return [];
  return [
    '--nnodes',
    String(podsPerGroup),
    '--node-rank',
    '$(LWS_WORKER_INDEX)',
    '--dist-init-addr',
    `$(LWS_LEADER_ADDRESS):${rendezvousPort}`,
  ];
}
