import { formatResource, type PreflightFinding } from '../../../plan/index.ts';
import type { DeniedRight, PreflightInput } from '../facts.ts';
import { unknownFinding } from './unknown.ts';

const consequence = {
  plan: 'plan and apply cannot work without',
  apply: 'apply cannot work without',
  prune: 'apply could not delete what the spec no longer needs',
  health: 'health would be unknown in part',
  destroy: 'destroy would stop',
  explain: 'causes would not be told',
} as const;

const fix =
  'Give an administrator the output of `dsdeploy plan --rbac`: it is the least that will do.';

/** Lists every right the user lacks: one finding per resource, with all its verbs. */
export function checkPermissions({ deployment, facts }: PreflightInput): PreflightFinding[] {
  const { namespace } = deployment;
  const { denied } = facts;
  if (denied.kind === 'unreadable') {
    const command = `kubectl auth can-i --list -n ${namespace}`;
    const where = `namespace ${namespace}`;
    return [unknownFinding({ check: 'what you may do', where, command }, denied)];
  }
  const groups = Map.groupBy(denied.value, (right) =>
    [levelOf(right), formatResource(right.rule), right.rule.namespace, right.name].join('|'),
  );
  return [...groups.values()].flatMap(toFinding);
}

function levelOf({ rule: { purpose } }: DeniedRight): 'error' | 'warning' {
  return purpose === 'plan' || purpose === 'apply' ? 'error' : 'warning';
}

function toFinding(rights: readonly DeniedRight[]): PreflightFinding[] {
  const [first] = rights;
  if (first === undefined) return [];
  const { rule, verb, name } = first;
  const resource = formatResource(rule);
  const object = name === undefined ? resource : `${resource}/${name}`;
  const verbs = [...new Set(rights.map((right) => right.verb))];
  const scope = rule.namespace === undefined ? '' : ` -n ${rule.namespace}`;
  const where = rule.namespace === undefined ? 'the cluster' : `namespace ${rule.namespace}`;
  return [
    {
      code: 'PERMISSION_MISSING',
      level: levelOf(first),
      what: `You may not ${verbs.join(', ')} ${object}: ${consequence[rule.purpose]}`,
      where,
      fix,
      command: `kubectl auth can-i ${verb} ${canIObject(rule.resource, { resource, name })}${scope}`,
    },
  ];
}

/** `kubectl auth can-i` takes a subresource as a flag. */
function canIObject(
  plain: string,
  { resource, name }: { readonly resource: string; readonly name: string | undefined },
): string {
  const [, subresource] = plain.split('/');
  const object = resource.split('/')[0] ?? resource;
  const named = name === undefined ? object : `${object}/${name}`;
  return subresource === undefined ? named : `${named} --subresource=${subresource}`;
}
