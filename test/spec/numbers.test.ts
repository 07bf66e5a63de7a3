import { describe, expect, test } from 'vitest';
import { parseSpec } from '../../src/spec/index.ts';
import { specText } from '../commands/spec-texts.ts';

/** A spec that states every number there is; numbers of one field are then replaced. */
function stated(): Record<string, unknown> {
  return {
    ...(JSON.parse(
      specText({
        group: {
          engine: 'vllm',
          release: '0.33.0',
          replicas: 1,
          surge: 0,
          parallelism: { tensor: 8, data: 1, pipeline: 1, expert: false },
          objective: {
            tpotMs: 50,
            ttftMs: 2000,
            concurrency: 64,
            context: 8192,
            inputTokens: 9,
            outputTokens: 9,
          },
          context: 8192,
          memoryUtilization: 0.9,
          memory: {
            measured: {
              deviceMemory: '139Gi',
              freeDeviceMemory: '137Gi',
              weights: '80Gi',
              overhead: '7Gi',
            },
            replay: { blockTokens: 64 },
          },
          maxBatchedTokens: 8192,
          maxSequences: 64,
          mtpTokens: 0,
          redundantExperts: 0,
        },
      }),
    ) as Record<string, unknown>),
    api: {
      port: 8000,
      keySecret: 'none',
      drain: '60s',
      idleTimeout: '75s',
      requestTimeout: '30m',
      sampling: { temperature: 1, topP: 0.9 },
    },
  };
}

function replaced(path: string, value: unknown): string {
  const document = stated();
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const parent = keys.reduce((node, key) => node[key] as Record<string, unknown>, document);
  parent[last] = value;
  // NaN has a spelling of its own in YAML.
  return JSON.stringify(document).replace('"<nan>"', '.nan').replace('"<inf>"', '.inf');
}

const group = 'groups.0';
const absurd = [-1, 1e15, 1.5e300, '<nan>', '<inf>', 'abc', null, [], true];

/** Whole numbers, and whether zero is one of them. */
const counts = [
  ['pools.lab.nodes', false],
  [`${group}.nodes`, false],
  [`${group}.replicas`, false],
  [`${group}.surge`, true],
  [`${group}.parallelism.tensor`, false],
  [`${group}.parallelism.data`, false],
  [`${group}.parallelism.pipeline`, false],
  [`${group}.objective.concurrency`, false],
  [`${group}.objective.context`, false],
  [`${group}.objective.inputTokens`, false],
  [`${group}.objective.outputTokens`, false],
  [`${group}.context`, false],
  [`${group}.memory.replay.blockTokens`, false],
  [`${group}.maxBatchedTokens`, false],
  [`${group}.maxSequences`, false],
  [`${group}.mtpTokens`, true],
  [`${group}.redundantExperts`, true],
  ['api.port', false],
] as const;

const fractions = [
  `${group}.memoryUtilization`,
  `${group}.objective.tpotMs`,
  `${group}.objective.ttftMs`,
  'api.sampling.temperature',
  'api.sampling.topP',
];

const sizes = [
  `${group}.memory.measured.deviceMemory`,
  `${group}.memory.measured.freeDeviceMemory`,
  `${group}.memory.measured.weights`,
  `${group}.memory.measured.overhead`,
  'pools.lab.pod.memory',
  'pools.lab.pod.ephemeralStorage',
  'pools.lab.pod.sharedMemory',
];

const cases = [
  ...counts.flatMap(([path, zero]) =>
    [...absurd, 0.5, ...(zero ? [] : [0])].map((value) => ({ path, value })),
  ),
  ...fractions.flatMap((path) => absurd.map((value) => ({ path, value }))),
  ...sizes.flatMap((path) =>
    [...absurd, 0, 512, '512', '0Gi', '-1Gi', '9999999Pi', '1e9Gi', '512GiB'].map((value) => ({
      path,
      value,
    })),
  ),
  ...['9999999TB/s', '0GB/s', '-1GB/s', 'abc', 1e9].map((value) => ({
    path: 'model.weights.readBandwidth',
    value,
  })),
  ...['99999h', '-1s', 'abc', 1e9].map((value) => ({ path: 'api.drain', value })),
  ...['99999h', 'abc', 5].map((value) => ({ path: 'api.idleTimeout', value })),
  ...['0s', '25h', 'abc', 5].map((value) => ({ path: 'api.requestTimeout', value })),
  ...[0, -1, 1e15, 'abc', '99999999m'].map((value) => ({ path: 'pools.lab.pod.cpu', value })),
];

describe('parseSpec() and numbers', () => {
  test('takes the spec that all of them are replaced in', () => {
    expect(parseSpec(JSON.stringify(stated()), { fileName: 'x' })).toMatchObject({ kind: 'spec' });
  });

  test.each(cases)('refuses $path: $value with one error there', ({ path, value }) => {
    const result = parseSpec(replaced(path, value), { fileName: 'x' });
    if (result.kind !== 'issues') throw new Error('accepted');
    expect(result.issues).toHaveLength(1);
    const [issue] = result.issues;
    expect(issue?.message).toContain(path.split('.').at(-1));
  });
});
