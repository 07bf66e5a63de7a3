import type { Estimate } from '../capacity/index.ts';
import { paragraph } from './block.ts';
import type { Style } from './style.ts';

/**
 * Warns of a time whose slow side is far wider than its fast side: more requests in flight than
 * were ever calibrated.
 */
export function beyondLoadLines({ p50, low, high }: Estimate, style: Style): string[] {
  if ((high * low) / p50 ** 2 < 1.5) return [];
  const text =
    'so many requests were never calibrated: published runs of 1000 at once reached a tenth of the middle at worst, and once all of it; plan with the low end of the rate';
  return paragraph(text, {
    style,
    indent: 2,
    lead: 'note     ',
    paintLead: style.paints.warning,
  });
}
