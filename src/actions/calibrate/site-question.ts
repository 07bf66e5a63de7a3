import type { FitRequest, SiteProfileDocument } from '../../capacity/index.ts';
import { DsdeployError } from '../../errors/index.ts';
import {
  fitRequestOf,
  type GroupFacts,
  groupFacts,
  planLayout,
  questionFor,
  siteCatalog,
} from '../../layout/index.ts';
import type { GroupSpec, Parallelism, Spec } from '../../spec/index.ts';

/** One group of a spec as it was started. */
export interface SiteQuestion {
  readonly facts: GroupFacts;
  readonly parallelism: Parallelism;
  readonly request: FitRequest;
}

/**
 * What was started when a log or benchmark was made: the group of the spec, with its degrees.
 *
 * @throws DsdeployError `LAYOUT_REFUSED` when `auto` finds none.
 */
export function siteQuestion(
  spec: Spec,
  group: GroupSpec,
  profile?: SiteProfileDocument,
): SiteQuestion {
  const facts = groupFacts(spec, group, siteCatalog(profile));
  const parallelism = group.parallelism === 'auto' ? chosen(spec, group) : group.parallelism;
  return { facts, parallelism, request: fitRequestOf(facts, questionFor(facts, parallelism)) };
}

function chosen(spec: Spec, group: GroupSpec): Parallelism {
  const [layout] = planLayout({ ...spec, groups: [group] }).groups;
  if (layout?.kind === 'placed') return layout.parallelism;
  throw new DsdeployError(
    'LAYOUT_REFUSED',
    `Cannot calibrate: group "${group.name}" has no layout`,
    {
      subject: group.name,
      hint: 'Write the parallelism the group was started with instead of auto.',
    },
  );
}
