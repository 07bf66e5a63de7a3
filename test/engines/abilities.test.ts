import { describe, expect, test } from 'vitest';
import { engineReleases, findModel } from '../../src/catalog/index.ts';
import { engines } from '../../src/engines/index.ts';
import { canaryContext } from '../../src/health/index.ts';
import { planLayout } from '../../src/layout/index.ts';
import { aGroup, aPool, aSpec } from '../fixtures/a-spec.ts';

const a3 = { accelerator: 'ascend-a3', devicesPerNode: 16, deviceResource: 'huawei.com/Ascend910' };
const mi355x = { accelerator: 'mi355x', deviceResource: 'amd.com/gpu' };

function contextOf(spec: ReturnType<typeof aSpec>) {
  const [group] = planLayout(spec).groups;
  if (group?.kind !== 'placed') throw new Error(JSON.stringify(group));
  return canaryContext(spec, group, { logsCommand: 'kubectl logs p' });
}

describe('what checks of an endpoint learn from its engine', () => {
  test.each([
    { engine: 'vllm', field: 'reasoning' },
    { engine: 'vllm-ascend', field: 'reasoning' },
    { engine: 'sglang', field: 'reasoning_content' },
  ] as const)('$engine answers thoughts in $field', ({ engine, field }) => {
    expect(engines[engine].reasoningField).toBe(field);
  });

  test.each([
    { id: 'vllm-ascend/DeepSeek-V3.2-W8A8', thinking: 'switch', toolCalls: true },
    { id: 'deepseek-ai/DeepSeek-V3.2-Speciale', thinking: 'always', toolCalls: false },
    { id: 'deepseek-ai/DeepSeek-R1', thinking: 'always', toolCalls: true },
    { id: 'deepseek-ai/DeepSeek-V3', thinking: 'never', toolCalls: true },
    { id: 'zai-org/GLM-5.2-FP8', thinking: 'never', toolCalls: false },
  ])('$id thinks $thinking, tools $toolCalls, whatever serves it', ({ id, ...abilities }) => {
    const row = findModel(id);
    if (row === undefined) throw new Error(id);
    for (const engine of Object.values(engines)) {
      expect(engine.abilities(row)).toMatchObject(abilities);
    }
  });

  test.each([
    { id: 'deepseek-ai/DeepSeek-R1', thinking: false, level: 'info' },
    { id: 'deepseek-ai/DeepSeek-V3', thinking: true, level: 'warning' },
    { id: 'deepseek-ai/DeepSeek-R1', thinking: true, level: undefined },
    { id: 'deepseek-ai/DeepSeek-V3.2', thinking: true, level: undefined },
  ])('$id with api.thinking: $thinking is told by $level', ({ id, thinking, level }) => {
    for (const engine of ['vllm', 'sglang'] as const) {
      const release = engineReleases.find((row) => row.engine === engine)?.version ?? '';
      const base = aSpec();
      const [group] = planLayout({
        ...base,
        model: { ...base.model, id },
        api: { ...base.api, thinking },
        groups: [aGroup({ engine, release })],
      }).groups;
      const notes = group?.kind === 'placed' ? group.notes : [];
      const fixed = notes.find(({ code }) => code === 'MODEL_THINKING_FIXED');
      expect([engine, fixed?.level]).toEqual([engine, level]);
    }
  });

  test('the prefix cache is on with vLLM on NVIDIA', () => {
    expect(contextOf(aSpec()).keepsPrefixes).toBe(true);
  });

  test.each(engineReleases.filter(({ engine }) => engine === 'vllm'))(
    'the prefix cache of vLLM $version is off on ROCm, where dsdeploy turns it off itself',
    ({ version }) => {
      const spec = aSpec({
        pools: [aPool(mi355x)],
        groups: [aGroup({ release: version, nodes: 1, parallelism: 'auto' })],
      });
      expect(contextOf(spec).keepsPrefixes).toBe(false);
    },
  );

  test('the prefix cache is off on Ascend', () => {
    const spec = aSpec({
      model: { ...aSpec().model, id: 'vllm-ascend/DeepSeek-V3.2-W8A8' },
      pools: [aPool(a3)],
      groups: [
        aGroup({
          engine: 'vllm-ascend',
          release: '0.23.0',
          nodes: 1,
          parallelism: 'auto',
          contextTokens: 8192,
        }),
      ],
    });
    expect(contextOf(spec).keepsPrefixes).toBe(false);
  });
});
