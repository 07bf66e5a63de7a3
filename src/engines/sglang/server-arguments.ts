import type { EngineRequest } from '../engine.ts';
import { chatArguments } from './chat.ts';

/** Variable that holds the API key; SGLang has no variable of its own for it. */
export const apiKeyVariableName = 'SGLANG_API_KEY';

/** Names, chat format, defaults and observability of the server. */
export function serverArguments(request: EngineRequest): string[] {
  const { api } = request;
  return [
    ...api.servedModelNames.slice(0, 1).flatMap((name) => ['--served-model-name', name]),
    ...chatArguments(request),
    // From generation_config.json beside the weights: SGLang has no flag for single values.
    ...['--sampling-defaults', 'model'],
    '--enable-metrics',
    // Lets `usage` tell how much of a prompt came from the cache.
    '--enable-cache-report',
    ...['--uvicorn-access-log-exclude-prefixes', '/health', '/metrics'],
  ];
}

/** Kubernetes puts the value in, so that no manifest holds it. */
export function apiKeyArguments({ api }: EngineRequest): string[] {
  return api.keySecret === 'none' ? [] : ['--api-key', `$(${apiKeyVariableName})`];
}
