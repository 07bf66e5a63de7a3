import type { EngineRequest } from '../engine.ts';
import type { Note } from '../reason.ts';
import { stageRanks } from './sizes.ts';

/** What is known to have run, and what of this layout is not. */
export function evidenceNotes(request: EngineRequest): Note[] {
  switch (request.accelerator.vendor) {
    case 'nvidia':
      return cudaNotes(request);
    case 'amd':
      return rocmNotes(request);
    case 'huawei':
      return npuNotes(request);
  }
}

function cudaNotes({ parallelism, podsPerGroup, group }: EngineRequest): Note[] {
  const notes: Note[] = [];
  if (parallelism.pipeline > 1) {
    notes.push(unverified('SGLANG_PIPELINE', 'no published run of this model in a pipeline'));
  }
  if (podsPerGroup > 1 && group.allToAll === 'deepep') {
    notes.push(
      unverified(
        'SGLANG_DEEPEP_AGGREGATED',
        'DeepEP over nodes is published for separate prefill and decode roles, not for one group that does both',
      ),
    );
  }
  return notes;
}

/**
 * @source SGLang test/registered/amd/accuracy/mi35x/test_deepseek_v32_*: GSM8K thresholds 0.93 (TP8),
 * 0.94 (TP8 with MTP) and 0.935 (DP8 attention)
 */
function rocmNotes(request: EngineRequest): Note[] {
  const { parallelism, podsPerGroup, model } = request;
  const notes: Note[] = [];
  const tested = stageRanks(request) === 8 && podsPerGroup === 1 && parallelism.pipeline === 1;
  const sparse = model.architecture.indexer !== undefined;
  if (tested && sparse && parallelism.data === 1 && model.weightFormat === 'fp8-block128') {
    return [
      {
        code: 'SGLANG_ROCM_TESTED',
        level: 'info',
        message:
          "SGLang's nightly tests run DeepSeek-V3.2 at TP8 on MI35x and ask for GSM8K 0.93, 0.94 with MTP; aiter releases have broken it before, so pin the image by digest",
      },
    ];
  }
  if (parallelism.data > 1) {
    notes.push(
      unverified(
        'SGLANG_ROCM_DATA_ATTENTION',
        'data-parallel attention on ROCm: one test of the project asks for GSM8K 0.935, another dropped this layout because ranks blocked each other while loading',
      ),
    );
  }
  if (podsPerGroup > 1) {
    notes.push(
      unverified(
        'SGLANG_ROCM_NODES',
        'no published run of this model over ROCm nodes in one group',
      ),
    );
  }
  if (!tested || !sparse) {
    notes.push(
      unverified(
        'SGLANG_ROCM_LAYOUT',
        "SGLang's tests on ROCm run DeepSeek-V3.2 on 8 ranks of one node only",
      ),
    );
  }
  if (model.weightFormat === 'mxfp4') {
    notes.push(
      unverified('SGLANG_ROCM_MXFP4', 'the MXFP4 weights are in the cookbook, without a result'),
    );
  }
  return notes;
}

/** @source SGLang Ascend documentation, DeepSeek-V3.2 tutorial and best practice, for 0.5.16 */
function npuNotes({ accelerator, podsPerGroup, release }: EngineRequest): Note[] {
  const notes = [
    unverified(
      'SGLANG_NPU_AGGREGATED',
      'the Ascend documentation says that the W8A8 weights fit 16 dies at TP16, and shows commands only for separate prefill and decode roles',
    ),
  ];
  if (podsPerGroup > 1) {
    notes.push(
      unverified(
        'SGLANG_NPU_NODES',
        `no published command for one group of this model over ${accelerator.name} nodes`,
      ),
    );
  }
  if (release.version !== '0.5.16') {
    notes.push(
      unverified('SGLANG_NPU_RELEASE', 'the Ascend documentation was validated on 0.5.16 only'),
    );
  }
  return notes;
}

function unverified(code: string, message: string): Note {
  return { code, level: 'warning', message, unverified: true };
}
