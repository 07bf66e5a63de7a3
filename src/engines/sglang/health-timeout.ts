import type { GroupSpec } from '../../spec/index.ts';
import type { EnvVar } from '../workload.ts';

const name = 'SGLANG_HEALTH_CHECK_TIMEOUT';

/**
 * Seconds `/health` waits for a sign of life from any scheduler. SGLang's default of 20 is less than
 * the prefill of one long prompt can take, during which no token comes out.
 *
 * @source http_server.py: HEALTH_CHECK_TIMEOUT
 */
const healthTimeoutSeconds = 60;

export const healthTimeoutVariable: EnvVar = { name, value: String(healthTimeoutSeconds) };

/** Seconds after which `/health` has answered for sure; a probe that gives up earlier is a guess. */
export function probeTimeoutSeconds({ extraEnv }: Pick<GroupSpec, 'extraEnv'>): number {
  const own = Number.parseInt(extraEnv[name] ?? '', 10);
  return (Number.isInteger(own) && own > 0 ? own : healthTimeoutSeconds) + 5;
}
