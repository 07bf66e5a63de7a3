import type { Parallelism } from '../spec/index.ts';

/** Formats as the field writes it: `TP2 x DP4 + EP8`, `TP8`, `TP8 x PP2`. */
export function formatParallelism({ tensor, data, pipeline, expert }: Parallelism): string {
  const parts = [`TP${tensor}`];
  if (pipeline > 1) parts.push(`PP${pipeline}`);
  if (data > 1) parts.push(`DP${data}`);
  const product = parts.join(' x ');
  return expert ? `${product} + EP${tensor * data}` : product;
}
