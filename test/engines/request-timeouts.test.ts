import { describe, expect, test } from 'vitest';
import { planLayout } from '../../src/layout/index.ts';
import type { ApiSpec, GroupSpec } from '../../src/spec/index.ts';
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

describe('api.requestTimeout', () => {
  const limits = ['SGLANG_REQ_WAITING_TIMEOUT', 'SGLANG_REQ_RUNNING_TIMEOUT'];

  test.each(limits)('is %s in every pod of SGLang 0.5.23', (name) => {
    const value = { name, value: '1800' };
    const template = 'h200-sglang-2-nodes';
    expect(variablesOf(template, name, { requestTimeoutSeconds: 1800 })).toEqual([value, value]);
    expect(variablesOf(template, name, {})).toEqual([undefined, undefined]);
  });

  const codesOf = (template: string, group: Partial<GroupSpec>, api: Partial<ApiSpec> = {}) => {
    const spec = aTemplateSpec(template);
    const groups = spec.groups.map((given) => ({ ...given, ...group }));
    const [layout] = planLayout({ ...spec, groups, api: { ...spec.api, ...api } }).groups;
    return layout?.kind === 'refused' ? layout.reasons.map(({ code }) => code) : [];
  };

  test.each([
    { template: 'h200-vllm-2-nodes', code: 'VLLM_REQUEST_TIMEOUT' },
    { template: 'a3-vllm-ascend-2-nodes', code: 'VLLM_REQUEST_TIMEOUT' },
    { template: 'mi355x-sglang-1-node', code: 'SGLANG_REQUEST_TIMEOUT_RANKS' },
    { template: 'a3-sglang-1-node', code: 'SGLANG_REQUEST_TIMEOUT_RANKS' },
  ])('is refused in $template with $code', ({ template, code }) => {
    expect(codesOf(template, {}, { requestTimeoutSeconds: 600 })).toEqual([code]);
  });

  test.each(limits)('%s of the user hangs ranks before 0.5.23', (name) => {
    const extraEnv = { [name]: '45' };
    expect(codesOf('mi355x-sglang-1-node', { extraEnv })).toEqual(['SGLANG_REQUEST_TIMEOUT_RANKS']);
    expect(codesOf('mi355x-sglang-1-node', { extraEnv: { [name]: '-1' } })).toEqual([]);
    expect(codesOf('h200-sglang-1-node', { extraEnv })).toEqual([]);
  });
});
