import { DsdeployError } from '../../errors/index.ts';
import type { RbacSubject } from '../../plan/index.ts';

const kinds = { user: 'User', group: 'Group' } as const;

/** Reads `user:NAME`, `group:NAME` or `serviceaccount:NAMESPACE:NAME`. */
function readSubject(value: string): RbacSubject {
  const [kind = '', ...rest] = value.split(':');
  const name = rest.join(':');
  if ((kind === 'user' || kind === 'group') && name !== '') return { kind: kinds[kind], name };
  const [namespace = '', account = ''] = rest;
  if (kind === 'serviceaccount' && namespace !== '' && account !== '' && rest.length === 2)
    return { kind: 'ServiceAccount', name: account, namespace };
  throw new DsdeployError('USAGE', `Cannot use --subject: "${value}" names nobody`, {
    subject: '--subject',
    hint: 'Write user:NAME, group:NAME or serviceaccount:NAMESPACE:NAME.',
  });
}

/** Who the roles of `plan --rbac` are bound to. */
export const subjectOption = {
  type: 'string',
  default: 'group:dsdeploy',
  requiresArg: true,
  describe: 'With --rbac: user:NAME, group:NAME or serviceaccount:NAMESPACE:NAME',
  coerce: readSubject,
} as const;
