import type { EngineRequest } from '../engine.ts';
import type { Note } from '../reason.ts';
import { allToAllOf } from './all-to-all.ts';

/** What is not proven about sparse attention with vLLM on AMD devices. */
export function rocmNotes(request: EngineRequest): Note[] {
  const { accelerator, model } = request;
  if (accelerator.vendor !== 'amd' || model.architecture.indexer === undefined) return [];
  return [
    {
      code: 'ROCM_ACCURACY',
      level: 'warning',
      unverified: true,
      message:
        'a GSM8K run of V3.2 with vLLM on ROCm scored 0.7058 instead of 0.95 (vllm-project/vllm#39168, ' +
        "May 2026), and vLLM's own test skips it there: SGLang is better proven on these devices",
    },
    {
      code: 'CANARY_GATE',
      level: 'warning',
      message:
        'gate: let no traffic in before a canary has answered right (`dsdeploy health`) and an accuracy run of yours has passed',
    },
    {
      code: 'ROCM_PREFIX_CACHE_OFF',
      level: 'info',
      message: 'prefix caching is off, as in the recipe for blocks of one token',
    },
    ...manyNodes(request),
  ];
}

function manyNodes(request: EngineRequest): Note[] {
  if (request.podsPerGroup === 1) return [];
  const { backend } = allToAllOf(request);
  const mori = backend?.startsWith('mori') === true;
  const how = backend === undefined ? 'tensor ranks' : `experts over ${backend}`;
  return [
    {
      code: 'ROCM_MULTI_NODE',
      level: 'warning',
      unverified: true,
      message: mori
        ? `${how} across AMD nodes are published for DeepSeek-V3 (llm-d wide-EP), not for V3.2 and its sparse attention`
        : `no published run has ${how} across AMD nodes; llm-d's wide-EP runs DeepSeek-V3 there over MoRI`,
    },
    ...(mori ? [moriImage()] : []),
  ];
}

function moriImage(): Note {
  return {
    code: 'ROCM_MORI_IMAGE',
    level: 'warning',
    unverified: true,
    message:
      "vLLM's Dockerfile for ROCm builds MoRI in, and llm-d's default images had none: check yours, and set the MORI_RDMA variables of your site in extraEnv",
  };
}
