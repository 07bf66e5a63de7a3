import { formatRef } from '../../manifest/index.ts';
import type { RetainedObject } from '../../plan/index.ts';
import { paragraph } from '../block.ts';
import type { Style } from '../style.ts';

/** Renders objects that are left alone although nothing wants them, with the reason. */
export function renderRetained(retained: readonly RetainedObject[], style: Style): string[] {
  if (retained.length === 0) return [];
  const { heading, muted } = style.paints;
  return [
    heading('Left alone'),
    ...retained.flatMap(({ ref, reason }) =>
      paragraph(`${formatRef(ref)}: ${reason}`, { style, indent: 2, lead: '= ', paintLead: muted }),
    ),
  ];
}
