import { describe, expect, test } from 'vitest';
import { aSpecText, issuesOf } from './a-spec-text.ts';

interface Case {
  readonly change: readonly [string, string];
  readonly path: string;
  readonly code: string;
  readonly message?: string;
  readonly hint?: string;
}

const unknownKeys: readonly Case[] = [
  {
    change: ['name: deepseek', 'name: deepseek\nnamespce: x'],
    path: 'namespce',
    code: 'UNKNOWN_KEY',
    hint: 'Write namespace.',
  },
  {
    change: ['tensor: 1', 'tp: 1'],
    path: 'groups[0].parallelism.tp',
    code: 'UNKNOWN_KEY',
    hint: 'Write tensor.',
  },
  {
    change: ['sharedMemory', 'shm'],
    path: 'pools.h200.pod.shm',
    code: 'UNKNOWN_KEY',
    hint: 'Write sharedMemory.',
  },
  {
    change: ['    nodes: 2', '    nodes: 2\n    zzz: 1'],
    path: 'pools.h200.zzz',
    code: 'UNKNOWN_KEY',
    hint: 'Use one of accelerator, nodes, devicesPerNode, deviceResource, nodeSelector, tolerations, topologyKey, pod, fabric.',
  },
  {
    change: ['name: deepseek', 'name: deepseek\n__proto__: {}'],
    path: '__proto__',
    code: 'UNKNOWN_KEY',
  },
];

const missing: readonly Case[] = [
  {
    change: ['name: deepseek\n', ''],
    path: 'name',
    code: 'MISSING_KEY',
    hint: 'Add it, for example name: deepseek.',
  },
  {
    change: ['    nodeSelector: { nvidia.com/gpu.product: NVIDIA-H200 }\n', ''],
    path: 'pools.h200.nodeSelector',
    code: 'MISSING_KEY',
    hint: 'kubectl get nodes --show-labels',
  },
  {
    change: [', sharedMemory: 32Gi', ''],
    path: 'pools.h200.pod.sharedMemory',
    code: 'MISSING_KEY',
    hint: '32Gi',
  },
  {
    change: ['    readBandwidth: 2GB/s\n', ''],
    path: 'model.weights.readBandwidth',
    code: 'MISSING_KEY',
    hint: 'dd if=',
  },
  {
    change: ['claimName: weights', ''],
    path: 'model.weights.pvc.claimName',
    code: 'MISSING_KEY',
    hint: 'kubectl get pvc -n deepseek',
  },
  {
    change: ['keySecret: { name: deepseek-api-key, key: api-key }', 'port: 8000'],
    path: 'api.keySecret',
    code: 'MISSING_KEY',
    hint: 'generate: true',
  },
  {
    change: ['keySecret: { name: deepseek-api-key, key: api-key }', 'keySecret:'],
    path: 'api.keySecret',
    code: 'MISSING_VALUE',
    hint: 'none',
  },
  {
    change: ['name: main', 'name: main\n    kvCache:'],
    path: 'groups[0].kvCache',
    code: 'MISSING_VALUE',
    hint: 'Remove the key to get bf16',
  },
];

const wrongTypes: readonly Case[] = [
  {
    change: ['nodes: 2', 'nodes: "2"'],
    path: 'pools.h200.nodes',
    code: 'WRONG_TYPE',
    message: 'not "2"',
    hint: 'Remove the quotes: 2.',
  },
  {
    change: ['expert: true', 'expert: yes'],
    path: 'groups[0].parallelism.expert',
    code: 'WRONG_TYPE',
    message: 'must be true or false, not "yes"',
    hint: 'Write true',
  },
  {
    change: ['expert: true', 'expert: Off'],
    path: 'groups[0].parallelism.expert',
    code: 'WRONG_TYPE',
    hint: 'Write false',
  },
  {
    change: ['release: 0.33.0', 'release: 0.33'],
    path: 'groups[0].release',
    code: 'WRONG_TYPE',
    message: 'not the number 0.33',
    hint: 'Write 0.33.0.',
  },
  {
    change: ['gpu.product: NVIDIA-H200', 'gpu.present: true'],
    path: 'pools.h200.nodeSelector["nvidia.com/gpu.present"]',
    code: 'WRONG_TYPE',
    hint: '"true"',
  },
  {
    change: ['name: main', 'name: main\n    extraArgs: --seed 1'],
    path: 'groups[0].extraArgs',
    code: 'WRONG_TYPE',
    hint: '[--seed, 1]',
  },
  {
    change: ['pvc: { claimName: weights }', 'hostPath: /models/x'],
    path: 'model.weights.hostPath',
    code: 'WRONG_TYPE',
    message: '{ path: /data/models/DeepSeek-V3.2 }',
  },
  {
    change: ['name: deepseek\n', 'name: [deepseek]\n'],
    path: 'name',
    code: 'WRONG_TYPE',
    message: 'not a list',
  },
  {
    change: ['  keySecret', '  drain: 120\n  keySecret'],
    path: 'api.drain',
    code: 'WRONG_TYPE',
    message: 'such as 120s',
  },
];

const wrongValues: readonly Case[] = [
  {
    change: ['dsdeploy/v1', 'dsdeploy/v2'],
    path: 'apiVersion',
    code: 'INVALID_VALUE',
    message: 'must be dsdeploy/v1',
  },
  {
    change: ['name: deepseek\n', 'name: Deep_Seek\n'],
    path: 'name',
    code: 'INVALID_VALUE',
    hint: 'Write deep-seek.',
  },
  {
    change: ['name: deepseek\n', `name: ${'a'.repeat(31)}\n`],
    path: 'name',
    code: 'INVALID_VALUE',
    message: 'at most 30 characters',
  },
  {
    change: ['deepseek-ai/DeepSeek-V3.2', 'DeepSeek-V3.2'],
    path: 'model.id',
    code: 'INVALID_VALUE',
    hint: 'Write deepseek-ai/DeepSeek-V3.2.',
  },
  {
    change: ['accelerator: h200', 'accelerator: H-200'],
    path: 'pools.h200.accelerator',
    code: 'INVALID_VALUE',
    hint: 'Write h200.',
  },
  {
    change: ['release: 0.33.0', 'release: 0.30.0'],
    path: 'groups[0].release',
    code: 'UNKNOWN_RELEASE',
    message: 'no release 0.30.0 of vllm',
    hint: 'Use 0.33.0, 0.25.1, 0.23.0 or 0.18.1.',
  },
  {
    change: ['engine: vllm', 'engine: VLLM'],
    path: 'groups[0].engine',
    code: 'INVALID_VALUE',
    hint: 'Write vllm.',
  },
  {
    change: ['keySecret:', 'servedModelNames: ["--model"]\n  keySecret:'],
    path: 'api.servedModelNames[0]',
    code: 'INVALID_VALUE',
    hint: 'for a flag',
  },
  {
    change: ['memory: 512Gi', 'memory: 512GB'],
    path: 'pools.h200.pod.memory',
    code: 'INVALID_VALUE',
    hint: 'without a B',
  },
  {
    change: ['memory: 512Gi', 'memory: 512m'],
    path: 'pools.h200.pod.memory',
    code: 'INVALID_VALUE',
  },
  { change: ['cpu: 32', 'cpu: 0'], path: 'pools.h200.pod.cpu', code: 'INVALID_VALUE' },
  {
    change: ['2GB/s', '16Gbps'],
    path: 'model.weights.readBandwidth',
    code: 'INVALID_VALUE',
    hint: 'bytes, not bits',
  },
  { change: ['nodes: 2', 'nodes: 0'], path: 'pools.h200.nodes', code: 'INVALID_VALUE' },
  { change: ['data: 16', 'data: 1.5'], path: 'groups[0].parallelism.data', code: 'INVALID_VALUE' },
  {
    change: ['name: main', 'name: main\n    context: 128k'],
    path: 'groups[0].context',
    code: 'INVALID_VALUE',
    hint: '128K',
  },
  {
    change: ['name: main', 'name: main\n    context: -1'],
    path: 'groups[0].context',
    code: 'INVALID_VALUE',
  },
  {
    change: ['name: main', 'name: main\n    memoryUtilization: 90'],
    path: 'groups[0].memoryUtilization',
    code: 'INVALID_VALUE',
  },
  {
    change: ['name: main', 'name: main\n    extraArgs: ["--seed 1"]'],
    path: 'groups[0].extraArgs[0]',
    code: 'INVALID_VALUE',
    hint: '--flag=value',
  },
  {
    change: ['  keySecret', '  port: 70000\n  keySecret'],
    path: 'api.port',
    code: 'INVALID_VALUE',
    message: 'from 1 to 65535',
  },
  {
    change: ['  keySecret', '  sampling: { temperature: 2.5 }\n  keySecret'],
    path: 'api.sampling.temperature',
    code: 'INVALID_VALUE',
  },
  {
    change: ['  keySecret', '  sampling: { topP: 0 }\n  keySecret'],
    path: 'api.sampling.topP',
    code: 'INVALID_VALUE',
  },
  {
    change: ['  keySecret', '  allowFrom: [{ cidr: 10.0.0.0/33 }]\n  keySecret'],
    path: 'api.allowFrom[0].cidr',
    code: 'INVALID_VALUE',
  },
  {
    change: ['keySecret: { name: deepseek-api-key, key: api-key }', 'keySecret: my-secret'],
    path: 'api.keySecret',
    code: 'INVALID_VALUE',
    hint: 'none',
  },
  {
    change: ['pvc: { claimName: weights }', 'hostPath: { path: / }'],
    path: 'model.weights.hostPath.path',
    code: 'INVALID_VALUE',
  },
];

describe('parseSpec() on a file with one wrong key', () => {
  test.each([...unknownKeys, ...missing, ...wrongTypes, ...wrongValues])(
    'reports $code at $path for $change.1',
    ({ change, path, code, message = '', hint = '' }) => {
      const [issue, ...others] = issuesOf(aSpecText(change));
      expect(others).toEqual([]);
      expect(issue).toMatchObject({ code, path, file: 'dsdeploy.yaml' });
      expect(issue?.message).toContain(message);
      expect(issue?.hint ?? '').toContain(hint);
    },
  );
});

describe('parseSpec() on a file with many wrong keys', () => {
  test('reports all of them, rules included, in the order of the lines', () => {
    const issues = issuesOf(
      aSpecText(
        ['name: deepseek', 'name: vllm\ncreateNamespace: on'],
        ['  h200:\n', '  H200:\n'],
        ['nodes: 2', 'nodes: two'],
        ['linkLayer: infiniband', 'linkLayer: roce'],
        ['pool: h200', 'pool: a100'],
        ['tensor: 1', 'tp: 1'],
      ),
    );
    expect(issues.map(({ line, column, code }) => `${line}:${column} ${code}`)).toEqual([
      '2:7 NAME_MAKES_ENGINE_VARIABLE',
      '3:18 WRONG_TYPE',
      '10:3 INVALID_VALUE',
      '12:12 WRONG_TYPE',
      '17:7 GID_INDEX_MISSING',
      '22:11 UNKNOWN_POOL',
      '24:20 UNKNOWN_KEY',
    ]);
  });

  test('answers for a long name that almost fits; a pattern that backtracks never would', () => {
    const issues = issuesOf(aSpecText(['rdma/shared', `${'a'.repeat(5000)}!`]));
    expect(issues.map(({ code }) => code)).toEqual(['INVALID_VALUE']);
  });

  test('keeps messages to one line that says what was received', () => {
    const [issue] = issuesOf(aSpecText(['name: deepseek', `name: "${'x\\n'.repeat(200)}"`]));
    expect(issue?.message).not.toContain('\n');
    expect(issue?.message.length).toBeLessThan(300);
  });
});
