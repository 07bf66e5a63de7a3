import { type PreflightFinding, sortFindings } from '../../plan/index.ts';
import type { PreflightInput } from './facts.ts';
import { checkLimitRanges } from './rules/limit-ranges.ts';
import { checkNames } from './rules/names.ts';
import { checkArchitecture, checkNodes } from './rules/nodes.ts';
import { checkPermissions } from './rules/permissions.ts';
import { checkPodSecurity } from './rules/pod-security.ts';
import { checkQuotas } from './rules/quotas.ts';
import { checkClaims, checkClasses, checkSecrets } from './rules/references.ts';
import { checkLws, checkServerVersion } from './rules/versions.ts';

const rules: readonly ((input: PreflightInput) => readonly PreflightFinding[])[] = [
  checkPermissions,
  checkServerVersion,
  checkLws,
  checkPodSecurity,
  checkQuotas,
  checkLimitRanges,
  checkSecrets,
  checkClaims,
  checkClasses,
  checkNames,
  checkNodes,
  checkArchitecture,
];

/** Holds what was read against every rule; worst findings first. Pure. */
export function judgePreflight(input: PreflightInput): PreflightFinding[] {
  return sortFindings(rules.flatMap((rule) => rule(input)));
}
