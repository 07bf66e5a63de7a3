import type { Estimate } from '../../capacity/index.ts';
import { paragraph } from '../block.ts';
import type { Style } from '../style.ts';

/** Warns of a number that is a bound: more requests in flight than were ever calibrated. */
export function beyondLoadLines({ bound }: Estimate, style: Style): string[] {
  if (bound === undefined) return [];
  const text =
    'so many requests were never calibrated, so these are best cases (<= and >=): published runs of 1000 at once reached between a tenth and all of the rate; plan with its low end';
  return paragraph(text, {
    style,
    indent: 2,
    lead: 'note     ',
    paintLead: style.paints.warning,
  });
}
