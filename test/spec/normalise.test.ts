import { describe, expect, test } from 'vitest';
import { aSpecText, specOf } from './a-spec-text.ts';

describe('parseSpec() fills in', () => {
  test('every default', () => {
    const spec = specOf(aSpecText(['    nodes: 2\n    parallelism', '    parallelism']));
    expect(spec).toMatchObject({
      namespace: 'deepseek',
      createNamespace: true,
      model: {
        weights: { source: { kind: 'pvc', claimName: 'weights' }, readBytesPerSecond: 2e9 },
      },
      pools: [
        {
          name: 'h200',
          devicesPerNode: 8,
          deviceResource: 'nvidia.com/gpu',
          tolerations: [],
          fabric: { hostNetwork: false },
          pod: { cpu: '32' },
        },
      ],
      groups: [
        {
          nodes: 1,
          replicas: 1,
          parallelism: { tensor: 1, data: 16, pipeline: 1, expert: true },
          contextTokens: 131_072,
          kvCache: 'bf16',
          mtpTokens: 0,
          imagePullSecrets: [],
          extraArgs: [],
          extraEnv: {},
        },
      ],
      api: {
        port: 8000,
        servedModelNames: ['deepseek-ai/DeepSeek-V3.2'],
        sampling: { temperature: 1, topP: 0.95 },
        thinking: false,
        allowFrom: [],
        drainSeconds: 120,
      },
      observability: { metrics: true },
    });
  });

  test.each([
    { accelerator: 'mi355x', deviceResource: 'amd.com/gpu', devicesPerNode: 8 },
    { accelerator: 'ascend-a3', deviceResource: 'huawei.com/Ascend910', devicesPerNode: 16 },
  ])('the devices of $accelerator', ({ accelerator, ...devices }) => {
    const spec = specOf(aSpecText(['accelerator: h200', `accelerator: ${accelerator}`]));
    expect(spec.pools[0]).toMatchObject(devices);
  });

  test.each([
    { written: '65536', contextTokens: 65_536 },
    { written: '128K', contextTokens: 131_072 },
    { written: '160K', contextTokens: 163_840 },
  ])('$contextTokens context tokens for $written', ({ written, contextTokens }) => {
    const spec = specOf(aSpecText(['name: main', `name: main\n    context: ${written}`]));
    expect(spec.groups[0]).toMatchObject({ contextTokens });
  });

  test('one sampling value beside the one that was chosen', () => {
    const spec = specOf(aSpecText(['  keySecret', '  sampling: { topP: 0.9 }\n  keySecret']));
    expect(spec.api.sampling).toEqual({ temperature: 1, topP: 0.9 });
  });

  test('nothing that JSON would lose', () => {
    const spec = specOf(aSpecText());
    expect(JSON.parse(JSON.stringify(spec))).toStrictEqual(spec);
  });

  test.each([
    { written: 'hostPath: { path: /data/v32 }', source: { kind: 'hostPath', path: '/data/v32' } },
    {
      written: 'image: { reference: "r.example.com/v32:1", subPath: models }',
      source: { kind: 'image', reference: 'r.example.com/v32:1', subPath: 'models' },
    },
  ])('the weights source $source.kind', ({ written, source }) => {
    const spec = specOf(aSpecText(['pvc: { claimName: weights }', written]));
    expect(spec.model.weights.source).toEqual(source);
  });
});
