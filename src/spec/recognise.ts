import { z } from 'zod';
import type { Finding } from './issue.ts';

const kubernetesObject = z.object({ apiVersion: z.string(), kind: z.string() });

/**
 * Says why a YAML value is no spec at all, or returns `undefined` when it looks like one.
 *
 * A wrong file would otherwise be answered with a page of unknown and missing keys.
 */
export function checkIsSpec(value: unknown): Finding | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const what = Array.isArray(value) ? 'a list' : `a single ${typeof value}`;
    return {
      code: 'NOT_A_MAPPING',
      path: [],
      message: `A spec is a mapping of keys, and this file is ${what}`,
      hint: 'Start it with `apiVersion: dsdeploy/v1`, or write one with `dsdeploy init`.',
    };
  }
  const object = kubernetesObject.safeParse(value);
  if (!object.success) return undefined;
  const { apiVersion, kind } = object.data;
  return {
    code: 'NOT_A_SPEC',
    path: ['kind'],
    at: 'key',
    message: `This is ${kindOf(apiVersion, kind)}, not a dsdeploy spec`,
    hint: isSavedPlan(apiVersion, kind)
      ? 'Name it without --file: `dsdeploy apply PLAN`, or `dsdeploy show PLAN` to read it.'
      : 'Pass the spec with --file, or write one with `dsdeploy init`.',
  };
}

function kindOf(apiVersion: string, kind: string): string {
  if (isSavedPlan(apiVersion, kind)) return 'a plan that `dsdeploy plan --out` saved';
  return isOurs(apiVersion)
    ? `a ${kind} that dsdeploy printed`
    : `a Kubernetes object (${apiVersion} ${kind})`;
}

function isSavedPlan(apiVersion: string, kind: string): boolean {
  return isOurs(apiVersion) && kind === 'SavedPlan';
}

function isOurs(apiVersion: string): boolean {
  return apiVersion.startsWith('dsdeploy/');
}
