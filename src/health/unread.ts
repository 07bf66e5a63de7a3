import { formatRef } from '../manifest/index.ts';
import type { Unread } from './group/group-facts.ts';
import type { Check, GroupHealth } from './report.ts';

const losses = {
  events: 'what the cluster recorded about a failure is not told',
  nodes: 'a node that fell silent is noticed only when its pods are marked',
  logs: 'what the engine said before a failure is not told, and no known failure is looked for',
} as const satisfies Record<Unread['what'], string>;

const resources = { events: 'events', nodes: 'nodes', logs: 'pods/log' } as const;

/** A check that says what is not explained, and why; it has no say in the verdict. */
export function unreadCheck(ref: GroupHealth['ref'], { what, reason }: Unread): Check {
  const { namespace = 'default' } = ref;
  const scope = what === 'nodes' ? '' : ` -n ${namespace}`;
  const verb = what === 'logs' ? 'get' : 'list';
  return {
    id: what,
    level: what === 'logs' ? 'processes' : 'objects',
    subject: formatRef(ref),
    outcome: 'skipped',
    detail: `${reason}; ${losses[what]}`,
    advice: `Ask for the right to look: \`kubectl auth can-i ${verb} ${resources[what]}${scope}\`.`,
  };
}

/** Adds to one group what could not be read about it. */
export function noteUnread(
  groups: readonly GroupHealth[],
  name: string,
  unread: Unread | undefined,
): readonly GroupHealth[] {
  if (unread === undefined) return groups;
  return groups.map((group) =>
    group.group === name
      ? { ...group, checks: [...group.checks, unreadCheck(group.ref, unread)] }
      : group,
  );
}
