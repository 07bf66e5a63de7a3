import { DsdeployError } from '../errors/index.ts';
import { type Layout, type LayoutCatalog, planLayout } from '../layout/index.ts';
import { type ReadPorts, readSpec, type SpecSource } from './read-spec.ts';

/** Reads a spec and lays it out; a layout that does not fit is a value, not an error. */
export async function readLayout(
  source: SpecSource,
  ports: ReadPorts,
  catalog?: LayoutCatalog,
): Promise<Layout> {
  return planLayout(await readSpec(source, ports), catalog);
}

/**
 * Rejects a layout with a refused group, for actions that need all groups placed.
 *
 * @param purpose - what cannot be done, for the message: `apply`.
 */
export function assertFits(layout: Layout, purpose: string): void {
  if (layout.fits) return;
  const refused = layout.groups.filter((group) => group.kind === 'refused');
  const details = refused.flatMap(({ name, reasons }) =>
    reasons.map(({ message, hint }) => ({ location: `group ${name}`, message, hint })),
  );
  const names = refused.map(({ name }) => `"${name}"`).join(', ');
  throw new DsdeployError(
    'LAYOUT_REFUSED',
    `Cannot ${purpose} "${layout.spec.name}": group ${names} does not fit`,
    { subject: layout.spec.name, hint: 'Run `dsdeploy fit` to see the arithmetic.', details },
  );
}
