import { readdirSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseSpec, specJsonSchema } from '../../src/spec/index.ts';
import { aSpecText, templateText } from './a-spec-text.ts';

const templates = readdirSync(new URL('../../templates', import.meta.url)).filter((name) =>
  name.endsWith('.yaml'),
);
// Ajv's strict mode, on by default, also refuses keywords that JSON Schema does not have.
const validate = new Ajv2020({ allErrors: true }).compile(specJsonSchema());

describe('templates', () => {
  test.each(templates)('%s parses without issues or warnings', (name) => {
    const result = parseSpec(templateText(name), { fileName: name });
    expect(result).toMatchObject({ kind: 'spec', warnings: [] });
  });

  test.each(templates)('%s is valid for its JSON Schema', (name) => {
    validate(parse(templateText(name)));
    expect(validate.errors).toBeNull();
  });

  test.each(templates)('%s names the schema for editors on its first line', (name) => {
    expect(templateText(name)).toMatch(
      /^# yaml-language-server: \$schema=\.\/dsdeploy\.schema\.json\n/,
    );
  });

  test.each(templates)('%s marks its site values', (name) => {
    expect(templateText(name).match(/# SITE: /g)?.length).toBeGreaterThanOrEqual(5);
  });
});

describe('specJsonSchema()', () => {
  test.each<readonly [string, string]>([
    ['name: deepseek', 'name: Deep_Seek'],
    ['nodes: 2', 'nodes: two'],
    ['nodes: 2', 'nodez: 2'],
    ['accelerator: h200', 'accelerator: a100'],
    ['    pvc: { claimName: weights }\n', ''],
    ['    pvc:', '    hostPath: { path: /a }\n    pvc:'],
    ['  h200:\n', '  H200:\n'],
    ['{ nvidia.com/gpu.product: NVIDIA-H200 }', '{}'],
    ['512Gi', '512GB'],
    ['apiVersion: dsdeploy/v1\n', ''],
  ])('refuses %j written as %j', (from, to) => {
    expect(validate(parse(aSpecText([from, to])))).toBe(false);
  });

  test('explains every key', () => {
    expect(undescribed(specJsonSchema(), '')).toEqual([]);
  });

  test('tells how to find site values', () => {
    expect(JSON.stringify(specJsonSchema())).toContain('How to find it: Run `kubectl get pvc');
  });
});

/** Paths of properties without a description. */
function undescribed(node: unknown, path: string): string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]: [string, unknown]) => {
    if (key !== 'properties') return undescribed(value, `${path}/${key}`);
    return Object.entries(value as object).flatMap(([name, child]: [string, object]) => [
      ...('description' in child ? [] : [`${path}/${name}`]),
      ...undescribed(child, `${path}/${name}`),
    ]);
  });
}
