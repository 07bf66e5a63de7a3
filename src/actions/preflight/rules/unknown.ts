import type { Reading } from '../../../health/index.ts';
import type { PreflightFinding } from '../../../plan/index.ts';

export interface UnknownCheck {
  /** What could not be checked, as in `whether the quotas leave room`. */
  readonly check: string;
  readonly where: string;
  readonly command: string;
  /** What settles it where a right is not what is missing. */
  readonly fix?: string;
}

const askForTheRight =
  'Ask somebody with the right to read it to run the command, or for the role `dsdeploy plan --rbac` prints.';

/** What could not be read, told as such: it is never a pass. */
export function unknownFinding(
  { check, where, command, fix = askForTheRight }: UnknownCheck,
  reading: Reading<unknown> & { readonly kind: 'unreadable' },
): PreflightFinding {
  return {
    code: 'CHECK_IMPOSSIBLE',
    level: 'unknown',
    what: `It could not be checked ${check}: ${reading.reason}`,
    where,
    fix,
    command,
  };
}
