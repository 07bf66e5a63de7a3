import { type EngineReleaseRow, findArgument, findMemoryBehaviour } from '../../catalog/index.ts';
import type { EngineRequest } from '../engine.ts';
import { extraArgNotes, joinArguments } from '../extra-args.ts';
import type { Note } from '../reason.ts';
import type { Role } from '../workload.ts';
import type { VllmDialect } from './dialect.ts';
import { chatArguments, formatArguments } from './model-parsers.ts';
import { frontEndArguments, parallelArguments, placeArguments } from './parallel-arguments.ts';
import { servesRequests } from './placement.ts';
import { keepsPrefixes } from './prefix-cache.ts';

/** Default fraction before it was raised to 0.92. */
const oldUtilization = 0.9;

/** Arguments after `vllm serve`, the model path first, the user's own last. */
export function vllmArguments(request: EngineRequest, role: Role, dialect: VllmDialect): string[] {
  const { group, release } = request;
  return joinArguments(generatedArguments(request, role, dialect), group.extraArgs, release);
}

/** What of it the user's own arguments replace. */
export function replacedNotes(request: EngineRequest, dialect: VllmDialect): Note[] {
  const { group, release, podsPerGroup } = request;
  const role = podsPerGroup === 1 ? 'single' : 'leader';
  return extraArgNotes(generatedArguments(request, role, dialect), group.extraArgs, release);
}

/** What dsdeploy writes before the user's own arguments. */
function generatedArguments(request: EngineRequest, role: Role, dialect: VllmDialect): string[] {
  const serves = servesRequests(request, role);
  const deviceArguments = dialect.modelArguments(request);
  return [
    request.modelPath,
    ...parallelArguments(request, dialect),
    ...placeArguments(request, role),
    ...(serves ? serverArguments(request, role) : []),
    // Lets `usage` tell how much of a prompt came from the cache.
    ...(serves && keepsPrefixes(deviceArguments) ? ['--enable-prompt-tokens-details'] : []),
    ...modelArguments(request, dialect),
    ...deviceArguments,
  ];
}

function serverArguments(request: EngineRequest, role: Role): string[] {
  const { api } = request;
  const sampling = { temperature: api.sampling.temperature, top_p: api.sampling.topP };
  return [
    ...['--port', String(api.port), '--served-model-name', ...api.servedModelNames],
    ...frontEndArguments(request, role),
    ...chatArguments(request),
    ...['--override-generation-config', JSON.stringify(sampling)],
    ...['--shutdown-timeout', String(api.drainSeconds)],
    ...['--disable-access-log-for-endpoints', '/health,/metrics'],
  ];
}

function modelArguments(request: EngineRequest, { draftMethod }: VllmDialect): string[] {
  const { group } = request;
  const draft = { method: draftMethod, num_speculative_tokens: group.mtpTokens };
  return [
    ...['--max-model-len', String(group.contextTokens)],
    ...['--gpu-memory-utilization', String(memoryUtilization(request))],
    ...option('--max-num-batched-tokens', group.maxBatchedTokens),
    ...option('--max-num-seqs', group.maxSequences),
    ...(group.mtpTokens > 0 ? ['--speculative-config', JSON.stringify(draft)] : []),
    ...formatArguments(request),
    '--trust-remote-code',
  ];
}

/** Fraction of device memory: the group's, else the release's own default. */
export function memoryUtilization({
  group,
  release,
}: Pick<EngineRequest, 'group' | 'release'>): number {
  return group.memoryUtilization ?? releaseUtilization(release);
}

/** Default of `--gpu-memory-utilization` in a release. */
export function releaseUtilization({ engine, version }: EngineReleaseRow): number {
  return findMemoryBehaviour(engine, version)?.memoryFraction ?? oldUtilization;
}

/** A flag with its value, or nothing when the value is absent. */
export function option(flag: string, value: number | string | undefined): string[] {
  return value === undefined ? [] : [flag, String(value)];
}

/**
 * A switch, on or off, by the names of the release: the negated form of vLLM's switches changed from
 * `--no-enable-x` to `--disable-x` between 0.25 and 0.33.
 */
export function toggle(release: EngineReleaseRow, flag: string, on: boolean): string[] {
  if (on) return [flag];
  const names = findArgument(release, flag)?.flags ?? [];
  const negated = names.find((name) => name !== flag && /^--(?:no|disable)-/.test(name));
  return negated === undefined ? [] : [negated];
}
