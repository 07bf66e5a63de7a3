import type { ExtrasQuestion } from '../../engine.ts';
import type { Reason } from '../../reason.ts';

/** vLLM ends a request when it is complete, when its client goes, or when the server stops. */
export function checkRequestTimeout({ api, release }: ExtrasQuestion): Reason[] {
  if (api.requestTimeoutSeconds === undefined) return [];
  return [
    {
      code: 'VLLM_REQUEST_TIMEOUT',
      message: `api.requestTimeout ${api.requestTimeoutSeconds}s, and ${release.engine} ${release.version} has no setting that ends a request by its time`,
      hint: 'Remove it, and limit requests in the proxy before the API or in the client, at whose end vLLM stops too; max_tokens bounds an answer.',
      source: 'arguments and vllm/envs.py of the release; with_cancellation in vllm/entrypoints',
    },
  ];
}
