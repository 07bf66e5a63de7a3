import packageJson from '../../../package.json' with { type: 'json' };
import { DsdeployError, type ErrorDetail } from '../../errors/index.ts';
import type { Layout } from '../../layout/index.ts';
import { formatRef } from '../../manifest/index.ts';
import { findPlainSecrets, type Plan, toSavedPlan } from '../../plan/index.ts';
import type { Clock } from '../host.ts';
import { type Files, isErrorCode } from '../read-spec.ts';
import { parseSavedPlan } from './read-saved-plan.ts';

export interface WritePlanPorts {
  readonly files: Pick<Files, 'readText' | 'writeText'>;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/**
 * Saves a plan for its owner's eyes. An older plan is replaced; any other file is left alone, and a
 * plan with a secret value in it is not written at all.
 */
export async function writeSavedPlan(
  { plan, layout }: { readonly plan: Plan; readonly layout: Layout },
  path: string,
  { files, clock }: WritePlanPorts,
): Promise<void> {
  refuseSecrets(plan, path);
  const saved = toSavedPlan({
    plan,
    layout,
    tool: `dsdeploy/${packageJson.version}`,
    savedAt: new Date(clock.nowMs()).toISOString(),
  });
  const overwrite = await holdsPlan(path, files);
  try {
    const text = `${JSON.stringify(saved, null, 2)}\n`;
    await files.writeText(path, text, { overwrite, isPrivate: true });
  } catch (cause) {
    if (isErrorCode(cause, 'EEXIST')) {
      throw new DsdeployError(
        'FILE_EXISTS',
        `Cannot write "${path}": the file exists and is not a plan`,
        { subject: path, hint: 'Choose another name with --out.', cause },
      );
    }
    throw new DsdeployError('FILE_UNWRITABLE', `Cannot write "${path}"`, {
      subject: path,
      hint: 'Choose a folder you may write to with --out.',
      cause,
    });
  }
}

function refuseSecrets(plan: Plan, path: string): void {
  const details = plan.changes.flatMap((change): ErrorDetail[] => {
    if (change.action === 'delete') return [];
    const location = formatRef(change.ref);
    return findPlainSecrets(change.desired).map((field) => ({ location, message: field }));
  });
  if (details.length === 0) return;
  throw new DsdeployError(
    'SECRET_IN_PLAN',
    `Cannot save the plan to "${path}": ${String(details.length)} fields hold a secret in plain text`,
    {
      subject: path,
      details,
      hint: 'Keep the value in a Secret, or apply without a plan file.',
    },
  );
}

async function holdsPlan(path: string, files: Pick<Files, 'readText'>): Promise<boolean> {
  try {
    parseSavedPlan(await files.readText(path), path);
    return true;
  } catch {
    // Absent, unreadable, edited, or something else: not ours to replace.
    return false;
  }
}
