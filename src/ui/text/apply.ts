import type { ApplyOutcomeName, ApplyResult } from '../../actions/apply/index.ts';
import type { HealthReport } from '../../health/index.ts';
import { joinBlocks, paragraph } from '../block.ts';
import type { Style } from '../style.ts';
import { renderHealth } from './health.ts';

const outcomes: readonly ApplyOutcomeName[] = [
  'created',
  'updated',
  'adopted',
  'deleted',
  'gone',
  'unchanged',
];

export interface ApplyView {
  readonly applied: ApplyResult;
  /** Absent when nobody waited. */
  readonly health?: HealthReport | undefined;
}

/** Renders what an apply did and whether it serves now. */
export function renderApply({ applied, health }: ApplyView, style: Style): string {
  const { heading, warning } = style.paints;
  const counts = outcomes.flatMap((outcome) => {
    const count = applied.applied.filter((object) => object.outcome === outcome).length;
    return count === 0 ? [] : [`${String(count)} ${outcome}`];
  });
  const summary = joinBlocks([
    [heading(`Applied: ${counts.join(', ')}`)],
    applied.warnings.flatMap((text) =>
      paragraph(text, { style, lead: 'warning  ', paintLead: warning }),
    ),
    health === undefined
      ? paragraph('Did not wait: run `dsdeploy health` to see whether it serves', { style })
      : [],
  ]);
  return health === undefined ? summary : `${summary}\n${renderHealth(health, style)}`;
}
