import type { Layout } from '../../layout/index.ts';
import { formatRef } from '../../manifest/index.ts';
import { type ClusterTarget, hasChanges, type Plan } from '../../plan/index.ts';
import { fields, joinBlocks, paragraph } from '../block.ts';
import type { Style } from '../style.ts';
import { renderChanges, summarizeChanges } from './changes.ts';
import { layoutBlocks } from './layout.ts';
import { renderPreflight } from './preflight.ts';
import { renderRetained } from './retained.ts';

export interface PlanView {
  readonly plan: Plan;
  readonly layout: Layout;
}

/** Renders what will run where, whether it fits, what changes and what breaks meanwhile. */
export function renderPlan({ plan, layout }: PlanView, style: Style): string {
  return joinBlocks([
    headerLines(plan, style),
    ...layoutBlocks(layout, style),
    [
      style.paints.heading('Changes'),
      ...renderChanges(plan.changes, style),
      ...inventoryLines(plan.inventory, style),
    ],
    renderRetained(plan.retained, style),
    disruptionLines(plan, style),
    warningLines(plan.warnings, style),
    renderPreflight(plan.findings, style),
    summaryLines(plan, style),
  ]);
}

/** Names the deployment and the cluster, so that nobody changes the wrong one. */
export function headerLines(
  { deployment, target }: Pick<Plan, 'deployment' | 'target'>,
  style: Style,
): string[] {
  const { heading } = style.paints;
  const { name, namespace } = deployment;
  return [
    ...paragraph(`Deployment ${name} in namespace ${namespace}`, { style, paint: heading }),
    ...(target === undefined
      ? fields([['cluster', 'none: offline, not compared with any cluster']], { style })
      : targetFields(target, style)),
  ];
}

function targetFields(target: ClusterTarget, style: Style): string[] {
  const { server, serverVersion, context, user } = target;
  return fields(
    [
      ['cluster', `${server}, Kubernetes ${serverVersion}`],
      ['context', user === context ? context : `${context}, user ${user}`],
    ],
    { style },
  );
}

function inventoryLines(inventory: Plan['inventory'], style: Style): string[] {
  if (inventory === undefined) return [];
  const { muted, good, warning } = style.paints;
  const looks = {
    create: { lead: '+ ', paint: good },
    update: { lead: '~ ', paint: warning },
    keep: { lead: '= ', paint: muted },
  } as const;
  const { lead, paint } = looks[inventory.action];
  const text = `${formatRef(inventory.ref)}  (record of what belongs to the deployment)`;
  return paragraph(text, { style, indent: 2, lead, paintLead: paint, paint });
}

function disruptionLines(plan: Plan, style: Style): string[] {
  const { heading, warning, good } = style.paints;
  if (plan.target === undefined || !hasChanges(plan)) return [];
  const messages = plan.changes.flatMap((change) =>
    (change.action === 'update' || change.action === 'delete') &&
    change.disruption !== undefined &&
    change.disruption.effect !== 'none'
      ? [{ subject: formatRef(change.ref), message: change.disruption.message }]
      : [],
  );
  if (messages.length === 0) {
    const text = 'none, no running group is touched';
    return paragraph(text, { style, lead: 'Disruption: ', paintLead: heading, paint: good });
  }
  return [
    heading('Disruption'),
    ...messages.flatMap(({ subject, message }) =>
      paragraph(`${subject}: ${message}`, { style, indent: 2, lead: '! ', paintLead: warning }),
    ),
  ];
}

function warningLines(warnings: readonly string[], style: Style): string[] {
  const paintLead = style.paints.warning;
  return warnings.flatMap((text) => paragraph(text, { style, lead: 'warning  ', paintLead }));
}

function summaryLines(plan: Plan, style: Style): string[] {
  const { create, update, adopt, delete: remove } = summarizeChanges(plan);
  const { heading } = style.paints;
  const lead = { style, lead: 'Plan: ', paintLead: heading, paint: heading };
  if (!hasChanges(plan)) return paragraph('no changes, the cluster matches the spec', lead);
  const adopted = adopt === 0 ? '' : ` (${String(adopt)} adopted)`;
  const counts = `${String(create)} to create, ${String(update)} to update${adopted}, ${String(remove)} to delete`;
  const summary = paragraph(counts, lead);
  if (plan.target !== undefined) return summary;
  return [
    ...summary,
    ...paragraph('Offline: every object counts as new; run without --offline to compare.', {
      style,
    }),
  ];
}
