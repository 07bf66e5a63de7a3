import { describe, expect, test } from 'vitest';

import { readEngineCommand } from '../../../src/sandbox/agent/engine-command.ts';
import type { Container } from '../../../src/sandbox/agent/pod.ts';

describe('readEngineCommand()', () => {
  test.each<{ scenario: string; container: Partial<Container> }>([
    { scenario: 'separate arguments', container: { args: ['--served-model-name', 'v32'] } },
    { scenario: 'one argument with =', container: { args: ['--served-model-name=v32'] } },
    {
      scenario: 'a shell command line with quotes',
      container: {
        command: ['bash', '-c'],
        args: ["exec vllm serve --served-model-name 'v32' --x"],
      },
    },
    {
      scenario: 'a variable of the pod',
      container: {
        args: ['--served-model-name', '$(NAME)'],
        env: [{ name: 'NAME', value: 'v32' }],
      },
    },
    {
      scenario: 'an environment variable only',
      container: { env: [{ name: 'SERVED_MODEL_NAME', value: 'v32' }] },
    },
  ])('finds the served name in $scenario', ({ container }) => {
    const args = argsOf(container);
    expect(args[args.indexOf('--served-model-name') + 1]).toBe('v32');
  });

  test.each<{ scenario: string; args: readonly string[]; expected: readonly string[] }>([
    {
      scenario: 'separate arguments',
      args: ['--served-model-name', 'v32', 'reason', '--port', '8000'],
      expected: ['v32', 'reason'],
    },
    {
      scenario: 'a shell command line that goes on in the next line',
      args: ['vllm serve /w --served-model-name "v 32" reason \\\n  --port 8000'],
      expected: ['v 32', 'reason'],
    },
    {
      scenario: 'a shell command line with another command after it',
      args: ['vllm serve /w --served-model-name v32 reason; sleep 1'],
      expected: ['v32', 'reason'],
    },
  ])('finds every served name in $scenario', ({ args, expected }) => {
    const all = argsOf({ args });
    const start = all.indexOf('--served-model-name') + 1;
    expect(all.slice(start, all.indexOf('--mode'))).toEqual(expected);
  });

  test('passes limits the simulator shares with the engine, and only numbers', () => {
    const args = argsOf({ args: ['--max-model-len', '131072', '--max-num-seqs', 'auto'] });
    expect(args[args.indexOf('--max-model-len') + 1]).toBe('131072');
    expect(args).not.toContain('--max-num-seqs');
  });

  test('serves something for a container without arguments', () => {
    expect(argsOf({})).toContain('deepseek-v3.2');
  });

  test.each<{ scenario: string; container: Partial<Container>; expected: string | undefined }>([
    {
      scenario: 'the environment',
      container: { env: [{ name: 'VLLM_API_KEY', value: 's3cret' }] },
      expected: 's3cret',
    },
    {
      scenario: 'the command line',
      container: { args: ['--api-key', '$(KEY)'], env: [{ name: 'KEY', value: 's3cret' }] },
      expected: 's3cret',
    },
    { scenario: 'neither', container: {}, expected: undefined },
  ])('reads the API key from $scenario', ({ container, expected }) => {
    expect(commandOf(container).apiKey).toBe(expected);
  });
});

describe('the sizes of a server', () => {
  test.each([
    { args: ['--tp-size', '8'], sizes: { tensor: 8, pipeline: 1, data: 1, attentionData: 1 } },
    {
      args: ['--tp-size', '16', '--pp-size', '2', '--dp-size', '4', '--enable-dp-attention'],
      sizes: { tensor: 16, pipeline: 2, data: 4, attentionData: 1 },
    },
    {
      args: ['--tp-size', '16', '--attn-dp-size', '2'],
      sizes: { tensor: 16, pipeline: 1, data: 1, attentionData: 2 },
    },
  ])('of SGLang are those of $args', ({ args, sizes }) => {
    const command = ['bash', '/start/engine.sh', 'python3', '-m', 'sglang.launch_server'];
    expect(commandOf({ command, args }).sglang).toEqual(sizes);
  });

  test('are not asked of another engine', () => {
    expect(commandOf({ args: ['vllm', 'serve', '--tp-size', '8'] }).sglang).toBeUndefined();
  });
});

describe('the ranks behind a server of vLLM', () => {
  const all = ['vllm', 'serve', '/w', '--data-parallel-size', '16'];
  const share = [...all, '--data-parallel-size-local', '4', '--data-parallel-start-rank', '8'];
  test.each([
    { scenario: 'without data parallelism', args: ['vllm', 'serve', '/w'], ranks: [0] },
    { scenario: 'that balances over all', args: share, ranks: range(0, 16) },
    {
      scenario: 'that balances over its own',
      args: [...share, '--data-parallel-hybrid-lb'],
      ranks: range(8, 4),
    },
    {
      scenario: 'with a port for each',
      args: [...share, '--data-parallel-multi-port-external-lb'],
      ranks: range(8, 4),
    },
  ])('$scenario are $ranks', ({ args, ranks }) => {
    expect(commandOf({ args }).dataRanks).toEqual(ranks);
  });

  test('start where the start script says', () => {
    const args = [
      ...[...all, '--data-parallel-size-local', '4', '--data-parallel-hybrid-lb'],
      ...['--data-parallel-start-rank', '$(DSDEPLOY_START_RANK)'],
    ];
    const env = [
      { name: 'LWS_WORKER_INDEX', value: '3' },
      { name: 'DSDEPLOY_RANKS_PER_POD', value: '4' },
    ];
    expect(commandOf({ args, env }).dataRanks).toEqual(range(12, 4));
  });

  test('have a port each only where the flag says so', () => {
    expect(commandOf({ args: share }).isPortPerRank).toBe(false);
    const args = [...share, '--data-parallel-multi-port-external-lb'];
    expect(commandOf({ args }).isPortPerRank).toBe(true);
  });
});

function range(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

function commandOf(container: Partial<Container>) {
  const env = new Map(container.env?.map(({ name, value }) => [name, value ?? '']));
  return readEngineCommand({ name: 'engine', ...container }, env);
}

function argsOf(container: Partial<Container>): readonly string[] {
  return commandOf(container).simulatorArgs;
}
