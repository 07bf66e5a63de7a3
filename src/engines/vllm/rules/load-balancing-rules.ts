import { type EngineReleaseRow, engineReleases, findArgument } from '../../../catalog/index.ts';
import type { ExtrasQuestion } from '../../engine.ts';
import type { Reason } from '../../reason.ts';
import { supervisorPort } from '../parallel-arguments.ts';

const flags = {
  hybrid: '--data-parallel-hybrid-lb',
  'multi-port': '--data-parallel-multi-port-external-lb',
} as const;

/** What a release can do about load balancing, and what its ports allow. */
export function checkLoadBalancing({ group, release, api }: ExtrasQuestion): Reason[] {
  const mode = group.loadBalancing;
  if (mode === 'internal') return [];
  if (findArgument(release, flags[mode]) === undefined) return [flagMissing(mode, release)];
  // One port per rank from api.port on; nobody has more ranks on a node than 16 devices.
  const overlaps = api.port <= supervisorPort && supervisorPort < api.port + 16;
  if (mode !== 'multi-port' || !overlaps) return [];
  return [
    {
      code: 'VLLM_SUPERVISOR_PORT',
      message: `api.port ${api.port} and the ports of the other ranks after it overlap the supervisor's ${supervisorPort}`,
      hint: 'Use another api.port, such as 8000.',
      source: 'vllm/entrypoints/openai/dp_supervisor.py',
    },
  ];
}

function flagMissing(mode: keyof typeof flags, release: EngineReleaseRow): Reason {
  const first = engineReleases
    .filter((row) => row.engine === release.engine && findArgument(row, flags[mode]) !== undefined)
    .at(-1);
  return {
    code: 'VLLM_LOAD_BALANCING_RELEASE',
    message: `vLLM ${release.version} has no ${flags[mode]}, which loadBalancing: ${mode} needs`,
    hint:
      first === undefined
        ? 'Use loadBalancing: internal.'
        : `Use release ${first.version}, the first of the catalog that has it, or loadBalancing: internal.`,
    source: release.source,
  };
}
