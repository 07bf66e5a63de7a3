import { parseFlags } from '../argument-check.ts';
import type { EngineRequest } from '../engine.ts';
import type { Note } from '../reason.ts';

/** What vLLM takes and vllm-ascend sets back, with a line in its log. */
const ignored: Readonly<Record<string, string>> = {
  '--attention-backend': 'it has attention of its own',
  '--attention-config.backend': 'it has attention of its own',
  '--calculate-kv-scales': 'no cache there has scales',
  '--disable-cascade-attn': 'there is no such attention there',
  '--enable-layerwise-nvtx-tracing': 'NVTX is for NVIDIA devices',
  '--max-num-partial-prefills': 'it sets 1',
  '--numa-bind': 'it binds CPUs itself (additional-config enable_cpu_binding)',
  '--ray-workers-use-nsight': 'Nsight is for NVIDIA devices',
  '--ubatch-size': 'half batches do not overlap there',
};

/**
 * Arguments of the user that change nothing on Ascend devices.
 *
 * @source vllm_ascend/platform.py of 0.23.0.post1, `_fix_incompatible_config`
 */
export function ignoredNotes({ group, release }: EngineRequest): Note[] {
  return parseFlags(group.extraArgs).flatMap(({ flag }): Note[] => {
    const why = ignored[flag];
    if (why === undefined) return [];
    return [
      {
        code: 'ASCEND_ARGUMENT_IGNORED',
        level: 'warning',
        message: `extraArgs sets ${flag}, which ${release.engine} sets back: ${why}`,
      },
    ];
  });
}
