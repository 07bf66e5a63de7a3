import { engineReleases } from '../../../catalog/index.ts';
import type { GroupQuestion } from '../../engine.ts';
import type { Reason } from '../../reason.ts';

/** Variables that end a request which waits, and one which runs, for too many seconds. */
export const requestLimits = ['SGLANG_REQ_WAITING_TIMEOUT', 'SGLANG_REQ_RUNNING_TIMEOUT'] as const;

/** Ranks that drop different requests wait for each other for ever. */
export function requestLimitIsShared({ api, group, release }: GroupQuestion): Reason | undefined {
  if (release.agreesOnTimeouts === true) return undefined;
  const variable = requestLimits.find((name) => Number(group.extraEnv[name] ?? 0) > 0);
  if (api.requestTimeoutSeconds === undefined && variable === undefined) return undefined;
  const given =
    api.requestTimeoutSeconds === undefined
      ? `extraEnv sets ${variable ?? ''}`
      : `api.requestTimeout ${api.requestTimeoutSeconds}s`;
  const since = engineReleases.findLast((row) => row.agreesOnTimeouts === true);
  return {
    code: 'SGLANG_REQUEST_TIMEOUT_RANKS',
    message: `${given}, and in SGLang ${release.version} each rank ends requests by its own clock: ranks that differ by a moment hang the group`,
    hint: `Use release ${since?.version ?? ''}, or remove it and limit requests in the proxy before the API or in the client.`,
    source: 'sgl-project/sglang#27221 and #37143; srt/managers/scheduler.py of the release',
  };
}
