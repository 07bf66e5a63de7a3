import { DsdeployError } from '../errors/index.ts';
import type { GroupSpec, Spec } from '../spec/index.ts';

/**
 * The group a command is about: the one that is named, or the only one.
 *
 * @throws DsdeployError `GROUP_UNKNOWN`.
 */
export function findGroup({ groups }: Spec, name: string | undefined): GroupSpec {
  const [first, ...others] = groups;
  const found = name === undefined ? first : groups.find((group) => group.name === name);
  if (found !== undefined && (name !== undefined || others.length === 0)) return found;
  const names = groups.map((group) => group.name).join(', ');
  const state = name === undefined ? 'the spec has several' : `there is no "${name}"`;
  throw new DsdeployError('GROUP_UNKNOWN', `Cannot choose a group: ${state}`, {
    subject: '--group',
    hint: `Name one of ${names} with --group.`,
  });
}
