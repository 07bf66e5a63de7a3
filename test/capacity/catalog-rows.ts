import type { AcceleratorRow, ModelRow } from '../../src/catalog/index.ts';
import { findAccelerator, findModel } from '../../src/catalog/index.ts';

export const gib = 2 ** 30;

/** A model row a test needs; its absence is a failure of the test's set-up. */
export function model(id: string): ModelRow {
  const row = findModel(id);
  if (row === undefined) throw new Error(`model ${id} is not in the catalog`);
  return row;
}

export function accelerator(id: string): AcceleratorRow {
  const row = findAccelerator(id);
  if (row === undefined) throw new Error(`accelerator ${id} is not in the catalog`);
  return row;
}

export const v32 = model('deepseek-ai/DeepSeek-V3.2');
export const r1 = model('deepseek-ai/DeepSeek-R1');

/** `[tensor, data, pipeline]`; experts are spread when there are data ranks, unless stated. */
export function cut(
  tensor: number,
  data = 1,
  pipeline = 1,
  expert = data > 1,
): { tensor: number; data: number; pipeline: number; expert: boolean } {
  return { tensor, data, pipeline, expert };
}
