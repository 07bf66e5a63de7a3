import type { ApplyResult } from '../../actions/apply/index.ts';
import type { AccessRoleManifests } from '../../actions/preflight/index.ts';
import type { HealthReport } from '../../health/index.ts';
import type { Layout } from '../../layout/index.ts';
import { maskDocument, type Plan } from '../../plan/index.ts';
import type { Style } from '../../ui/style.ts';
import { renderAccessRoles } from '../../ui/text/access-roles.ts';
import { renderApply } from '../../ui/text/apply.ts';
import { summarizeChanges } from '../../ui/text/changes.ts';
import { renderHealth } from '../../ui/text/health.ts';
import { renderLayout } from '../../ui/text/layout.ts';
import { renderPlan } from '../../ui/text/plan.ts';
import type { ApplyDocument, LayoutDocument, PlanDocument } from '../documents.ts';

const apiVersion = 'dsdeploy/v1' as const;

export function layoutResult(layout: Layout) {
  return {
    document: maskDocument({ apiVersion, kind: 'Layout', ...layout } satisfies LayoutDocument),
    render: (style: Style) => renderLayout(layout, style),
  };
}

export function planResult(plan: Plan, layout: Layout) {
  return {
    document: maskDocument({
      ...plan,
      summary: summarizeChanges(plan),
      layout,
    } satisfies PlanDocument),
    render: (style: Style) => renderPlan({ plan, layout }, style),
  };
}

/** The roles of `plan --rbac`, as YAML to apply. */
export function accessResult(roles: readonly AccessRoleManifests[]) {
  return {
    document: { apiVersion, kind: 'AccessRoles' as const, roles },
    render: () => renderAccessRoles(roles),
  };
}

export function healthResult(report: HealthReport) {
  return { document: report, render: (style: Style) => renderHealth(report, style) };
}

/** What apply did, with the health it ended in; `health` is null when nobody waited. */
export function applyResult(applied: ApplyResult, health?: HealthReport) {
  return {
    document: { ...applied, health: health ?? null } satisfies ApplyDocument,
    render: (style: Style) => renderApply({ applied, health }, style),
  };
}
