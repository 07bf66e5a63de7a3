import type { DestroyResult } from '../../actions/destroy/index.ts';
import { formatRef } from '../../manifest/index.ts';
import type { DestroyPlan } from '../../plan/index.ts';
import { formatNouns } from '../../units/index.ts';
import { joinBlocks, paragraph } from '../block.ts';
import type { Style } from '../style.ts';
import { headerLines } from './plan.ts';
import { renderRetained } from './retained.ts';

/** Renders what a destroy would delete, in order, and what it would leave. */
export function renderDestroyPlan(plan: DestroyPlan, style: Style): string {
  const { heading, bad } = style.paints;
  const { deletes, retained } = plan;
  const count = `${String(deletes.length)} to delete, ${String(retained.length)} left alone`;
  return joinBlocks([
    headerLines(plan, style),
    deletes.flatMap(({ ref }) =>
      paragraph(formatRef(ref), { style, indent: 2, lead: '- ', paintLead: bad, paint: bad }),
    ),
    renderRetained(retained, style),
    [heading(deletes.length === 0 ? 'Nothing to destroy' : `Destroy: ${count}`)],
  ]);
}

export function renderDestroyResult(result: DestroyResult, style: Style): string {
  const { name, namespace } = result.deployment;
  const count = result.deleted.length;
  const text =
    count === 0
      ? `Nothing of "${name}" is in namespace ${namespace}`
      : `Deleted ${formatNouns(count, 'object')} of "${name}"; ${count === 1 ? 'it is' : 'all of them are'} gone`;
  return joinBlocks([renderRetained(result.retained, style), paragraph(text, { style })]);
}
