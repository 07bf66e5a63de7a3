import type { LayoutQuestion } from '../engine.ts';
import type { Reason } from '../reason.ts';
import { spansNodes } from '../vllm/placement.ts';
import { checkVllmLayout } from '../vllm/rules/layout-rules.ts';
import { checkConfigLayout } from './config-layout-rules.ts';

/** Rules of vllm-ascend that a parallel layout breaks: vLLM's own, and what was never run there. */
export function checkAscendLayout(question: LayoutQuestion): Reason[] {
  return [
    ...checkVllmLayout(question),
    ...spanning(question),
    ...pipelines(question),
    ...checkConfigLayout(question),
  ];
}

function spanning(question: LayoutQuestion): Reason[] {
  if (!spansNodes(question)) return [];
  const { tensor, pipeline } = question.parallelism;
  return [
    {
      code: 'ASCEND_RANK_SPANS_NODES',
      message: `tensor x pipeline ${tensor * pipeline} is more than the ${question.devicesPerPod} devices of one node`,
      hint: 'Keep tensor x pipeline inside a node and use data parallelism across nodes.',
      source: 'vllm-ascend tutorial: every layout over nodes is data parallel',
    },
  ];
}

function pipelines({ parallelism, model }: LayoutQuestion): Reason[] {
  if (parallelism.pipeline === 1 || model.architecture.indexer === undefined) return [];
  return [
    {
      code: 'ASCEND_PIPELINE',
      message: `pipeline ${parallelism.pipeline} with sparse attention, which no vllm-ascend page or test runs`,
      hint: 'Set pipeline: 1.',
      source: 'vllm-ascend support matrix and nightly configurations of DeepSeek-V3.2',
    },
  ];
}
