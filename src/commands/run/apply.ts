import { type ApplyResult, applyPlan } from '../../actions/apply/index.ts';
import { waitForHealth } from '../../actions/health/index.ts';
import { prepareRevision } from '../../actions/history/index.ts';
import { assertPreflight, planWithPreflight } from '../../actions/preflight/index.ts';
import { dumpSpec, toPlanRequest } from '../../actions/render/plan-request.ts';
import type { Cluster } from '../../cluster/index.ts';
import { type ExitCode, exitCode } from '../../errors/index.ts';
import { hasChanges, type Plan, rollOutSeconds } from '../../plan/index.ts';
import type { Session } from '../../ui/host/session.ts';
import { summarizeChanges } from '../../ui/text/changes.ts';
import { renderPlan } from '../../ui/text/plan.ts';
import type { Context } from '../context.ts';
import { confirmChange } from './confirm-change.ts';
import { interruptible } from './interruptible.ts';
import {
  type OwnershipArgs,
  openSavedPlan,
  ownershipOf,
  type PlanSource,
  type PlanSourceArgs,
  type RollbackTarget,
  readPlanSource,
} from './plan-source.ts';
import { applyResult } from './results.ts';
import { type ClusterArgs, type ResultArgs, withCluster, withSession } from './with-session.ts';

export interface ApplyOptions extends ClusterArgs, OwnershipArgs {
  readonly yes?: boolean | undefined;
  readonly 'skip-preflight'?: boolean | undefined;
  /** Seconds; by default as long as the roll-out may need. */
  readonly 'wait-timeout'?: number | undefined;
  readonly 'no-wait'?: boolean | undefined;
}

/** Enough for one load of slow storage, whatever the plan expects. */
const leastWaitSeconds = 5400;

export interface ApplyArgs extends ApplyOptions, PlanSourceArgs, ResultArgs {}

/** Plans, asks, applies and waits; reads like the help of the command. */
export function runApply(args: ApplyArgs, context: Context): Promise<ExitCode> {
  return withSession(args, context, async (session) => {
    const source = await readPlanSource(args, { session, context });
    return withCluster(args, context, (cluster) =>
      applySource(source, args, { cluster, session, context }),
    );
  });
}

/** Plans, asks, applies and waits, wherever the objects come from. */
export async function applySource(
  source: PlanSource,
  options: ApplyOptions,
  ports: ApplyPorts,
): Promise<ExitCode> {
  const { cluster, session, context } = ports;
  const { layout } = source;
  const { plan, applied } = await planAndApply(source, options, ports);
  const rollOut = rollOutSeconds(plan);
  const { notice } = ports;
  if (notice !== undefined)
    session.host.notify({ code: 'WARNING', level: 'warning', text: notice });
  if (options['no-wait'] === true || !layout.fits) {
    session.print(applyResult(applied));
    return exitCode.done;
  }
  const health = await waitForHealth(
    layout,
    { cluster, host: session.host, clock: context.clock },
    {
      canary: 'quick',
      timeoutSeconds: options['wait-timeout'] ?? Math.max(leastWaitSeconds, 2 * rollOut),
      rollOutSeconds: rollOut,
      signal: context.signal,
    },
  );
  session.print(applyResult(applied, health));
  return health.verdict === 'healthy' ? exitCode.done : exitCode.notHealthy;
}

export interface ApplyPorts {
  readonly cluster: Cluster;
  readonly session: Session;
  readonly context: Context;
  /** Warned of once the objects are applied. */
  readonly notice?: string | undefined;
}

async function planAndApply(
  { layout, saved, revision }: PlanSource,
  options: ApplyOptions,
  { cluster, session, context }: ApplyPorts,
): Promise<{ readonly plan: Plan; readonly applied: ApplyResult }> {
  const { host, progressStyle } = session;
  const { signal } = context;
  const { yes, 'skip-preflight': skip = false } = options;
  const planning =
    saved === undefined
      ? planWithPreflight(
          { ...toPlanRequest(layout, revision?.manifests), ...ownershipOf(options) },
          { cluster, host },
          { skip, purpose: 'apply' },
        )
      : openSavedPlan({ plan: saved, layout }, { skipPreflight: skip }, { cluster, session });
  const plan = await interruptible(planning, signal);
  host.show(renderPlan({ plan, layout }, progressStyle));
  if (hasChanges(plan) && !skip) {
    assertPreflight(plan.findings ?? [], { name: plan.deployment.name, purpose: 'apply' });
  }
  if (hasChanges(plan) && yes !== true)
    await confirmChange(questionFor(plan, revision), { host, signal });
  const last = await prepareRevision(
    { plan, spec: dumpSpec(layout.spec), rollbackOf: revision?.number },
    { cluster, host, clock: context.clock, operator: context.operator },
  );
  const { clock } = context;
  const lock = { owner: context, clock };
  return { plan, applied: await applyPlan(plan, { cluster, host, signal, last, lock }) };
}

function questionFor(plan: Plan, revision?: RollbackTarget): string {
  const { deployment, target } = plan;
  const where = target === undefined ? '' : ` in context ${target.context}`;
  const { adopt } = summarizeChanges(plan);
  const adopted = adopt === 0 ? '' : `, and make ${String(adopt)} objects of others ours`;
  if (revision !== undefined)
    return `Roll "${deployment.name}" back to revision ${String(revision.number)}${where}${adopted}?`;
  return `Apply this plan for "${deployment.name}"${where}${adopted}?`;
}
