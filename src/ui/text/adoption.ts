import type { Adoption, Change } from '../../plan/index.ts';
import { paragraph } from '../block.ts';
import type { Style } from '../style.ts';

/** Renders whose an adopted object was, and what changes hands. */
export function renderAdoption(adoption: Adoption | undefined, style: Style): string[] {
  if (adoption === undefined) return [];
  return sentencesOf(adoption).flatMap((text) =>
    paragraph(text, { style, indent: 6, lead: '! ', paintLead: style.paints.warning }),
  );
}

function sentencesOf({ from, managers, coOwners }: Adoption): string[] {
  const rest =
    managers.length === 0
      ? 'nobody is on record for its fields, so those that the spec does not have stay'
      : 'its fields become ours, and those that the spec does not have go';
  const keeping = coOwners.length === 1 ? 'keeps' : 'keep';
  return [
    `adopted from ${from}: ${rest}`,
    ...(coOwners.length === 0
      ? []
      : [`${coOwners.join(', ')} ${keeping} what the spec does not have`]),
  ];
}

function isForgotten(release: string, changes: readonly Change[]): boolean {
  const record = `sh.helm.release.v1.${release}.v`;
  return changes.some(({ action, ref }) => action === 'delete' && ref.name.startsWith(record));
}

/**
 * Renders what is left to do about each Helm release that gives objects away: Helm goes by its own
 * record and does not ask whose an object is now.
 *
 * @source helm v4.2.4 on a sandbox: `helm uninstall` deleted every adopted object, `helm upgrade`
 * stopped with field conflicts
 */
export function renderReleases(changes: readonly Change[], style: Style): string[] {
  const commands = changes.flatMap((change) => {
    if (change.action !== 'update' || change.adoption?.helmRelease === undefined) return [];
    const { name, namespace } = change.adoption.helmRelease;
    if (isForgotten(name, changes)) return [];
    const place = namespace === undefined ? '' : `-n ${namespace} `;
    return [[name, `kubectl ${place}delete secret -l owner=helm,name=${name}`] as const];
  });
  return [...new Map(commands)].flatMap(([name, command]) =>
    paragraph(
      `\`helm uninstall ${name}\` would still delete what is adopted from it: once that is all of the release, forget it with \`dsdeploy apply --forget-release ${name}\` or \`${command}\``,
      { style, indent: 2, lead: '! ', paintLead: style.paints.warning },
    ),
  );
}
