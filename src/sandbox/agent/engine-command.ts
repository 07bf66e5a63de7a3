import type { Container } from './pod.ts';
import type { SglangSizes } from './sglang-pages.ts';

/** Served when the container names no model, so that a bare test pod still answers. */
const fallbackModel = 'deepseek-v3.2';

/** Flags of the engine that the simulator knows under the same name and takes as they are. */
const sharedFlags = ['max-model-len', 'max-num-seqs'] as const;

/** A word of a command line, quoted or not; an operator of the shell ends it. */
const word = String.raw`(?:"[^"]*"|'[^']*'|[^\s"'\\;&|<>]+)`;

/** What the sandbox needs to know of an engine's start command. */
export interface EngineCommand {
  readonly simulatorArgs: readonly string[];
  /** The key clients must send, if the engine asks for one. */
  readonly apiKey: string | undefined;
  /** Sizes of an SGLang server; `undefined` where the engine is another. */
  readonly sglang: SglangSizes | undefined;
  /** Data-parallel ranks that answer in this container; an engine that has none counts as rank 0. */
  readonly dataRanks: readonly number[];
  /** Whether each of them has a port of its own. */
  readonly isPortPerRank: boolean;
}

/**
 * Reads an engine container's command and translates it for the simulator.
 *
 * The engine may be started directly or by a shell script, and values may come from environment
 * variables; `$(NAME)`, `$NAME` and `${NAME}` are replaced where `env` has a value.
 */
export function readEngineCommand(
  container: Container,
  containerEnv: ReadonlyMap<string, string>,
): EngineCommand {
  const env = withStartRank(containerEnv);
  const commandLine = [...(container.command ?? []), ...(container.args ?? [])].join(' ');
  const has = (flag: string): boolean => new RegExp(`--${flag}(?![\\w-])`).test(commandLine);
  const isPortPerRank = has('data-parallel-multi-port-external-lb');
  const isShare = isPortPerRank || has('data-parallel-hybrid-lb');
  const readAll = (flag: string): readonly string[] =>
    findValues(commandLine, flag).map((value) => expandVariables(value, env));
  const read = (flag: string): string | undefined => readAll(flag)[0];
  const named = readAll('served-model-name');
  const servedNames =
    named.length > 0 ? named : [env.get('SERVED_MODEL_NAME') ?? read('model') ?? fallbackModel];
  const readCount = (flag: string): number | undefined => {
    const value = Number(read(flag));
    return Number.isSafeInteger(value) && value > 0 ? value : undefined;
  };
  const shared = sharedFlags.flatMap((flag) => {
    const count = readCount(flag);
    return count === undefined ? [] : [`--${flag}`, String(count)];
  });
  return {
    simulatorArgs: [
      ...['--model', read('model') ?? servedNames[0] ?? fallbackModel],
      ...['--served-model-name', ...servedNames],
      // Deterministic, and needs no data; a real tokenizer would be downloaded.
      ...['--mode', 'echo', '--force-dummy-tokenizer'],
      ...shared,
    ],
    apiKey: env.get('VLLM_API_KEY') ?? read('api-key'),
    sglang: /\bsglang\b/.test(commandLine)
      ? {
          tensor: readCount('tp-size') ?? 1,
          pipeline: readCount('pp-size') ?? 1,
          data: readCount('dp-size') ?? 1,
          attentionData: readCount('attn-dp-size') ?? 1,
        }
      : undefined,
    dataRanks: dataRanksOf({
      all: readCount('data-parallel-size') ?? 1,
      local: isShare ? readCount('data-parallel-size-local') : undefined,
      first: Number(read('data-parallel-start-rank')),
    }),
    isPortPerRank,
  };
}

/** Ranks of a server that answers for its own share of the group, or for the whole group. */
function dataRanksOf(sizes: {
  readonly all: number;
  readonly local: number | undefined;
  readonly first: number;
}): readonly number[] {
  const first = sizes.local !== undefined && Number.isSafeInteger(sizes.first) ? sizes.first : 0;
  return Array.from({ length: sizes.local ?? sizes.all }, (_, index) => first + index);
}

/** Adds what the start script works out for the engine. */
function withStartRank(env: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const rank = Number(env.get('LWS_WORKER_INDEX')) * Number(env.get('DSDEPLOY_RANKS_PER_POD'));
  return Number.isNaN(rank) ? env : new Map([...env, ['DSDEPLOY_START_RANK', String(rank)]]);
}

/** The values after a flag: several where the engine takes several, as the names of a model. */
function findValues(commandLine: string, flag: string): readonly string[] {
  const match = new RegExp(`--${flag}(?:=|\\s+)(${word}(?:[ \\t]+(?!-)${word})*)`).exec(
    commandLine,
  );
  return [...(match?.[1] ?? '').matchAll(new RegExp(word, 'g'))].map(([value]) =>
    value.replace(/^["'](.*)["']$/, '$1'),
  );
}

function expandVariables(value: string, env: ReadonlyMap<string, string>): string {
  return value.replace(
    /\$(?:\((\w+)\)|\{(\w+)\}|(\w+))/g,
    (whole: string, ...names: (string | undefined)[]) => {
      const name = names.slice(0, 3).find((candidate) => candidate !== undefined);
      return env.get(name ?? '') ?? whole;
    },
  );
}
