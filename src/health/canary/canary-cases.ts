import type { Canary } from './canary.ts';
import type { CanaryCase } from './canary-case.ts';
import { fullCases } from './full-cases.ts';
import { quickCases } from './quick-cases.ts';

/** Lists the questions of a canary in the order they are asked, cheap ones first. */
export function canaryCases(canary: Canary): readonly CanaryCase[] {
  switch (canary) {
    case 'none':
      return [];
    case 'quick':
      return quickCases;
    case 'full':
      return [...quickCases, ...fullCases];
  }
}
