import { expect, test } from 'vitest';
import { planLayout } from '../../src/layout/index.ts';
import type { ApiSpec } from '../../src/spec/index.ts';
import { aTemplateSpec } from '../render/a-layout.ts';

/** The variable in the pods of each role of the only group, leader first. */
function variablesOf(template: string, name: string, api: Partial<ApiSpec>) {
  const spec = aTemplateSpec(template);
  const [group] = planLayout({ ...spec, api: { ...spec.api, ...api } }).groups;
  if (group?.kind !== 'placed') throw new Error(`refused: ${JSON.stringify(group)}`);
  return group.workloads.map(({ env }) => env.find((variable) => variable.name === name));
}

test.each([
  { template: 'h200-vllm-2-nodes', name: 'VLLM_HTTP_TIMEOUT_KEEP_ALIVE' },
  { template: 'a3-vllm-ascend-2-nodes', name: 'VLLM_HTTP_TIMEOUT_KEEP_ALIVE' },
  { template: 'h200-sglang-2-nodes', name: 'SGLANG_TIMEOUT_KEEP_ALIVE' },
])('api.idleTimeout is $name of who serves in $template', ({ template, name }) => {
  expect(variablesOf(template, name, { idleTimeoutSeconds: 75 })).toEqual([
    { name, value: '75' },
    undefined,
  ]);
  expect(variablesOf(template, name, {})).toEqual([undefined, undefined]);
});
