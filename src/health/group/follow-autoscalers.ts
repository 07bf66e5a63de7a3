import type { Layout, PlacedGroup } from '../../layout/index.ts';
import type { Manifest } from '../../manifest/index.ts';
import { type Autoscaler, findScaler } from '../../plan/index.ts';
import type { Reading } from '../reading.ts';
import { parseLeaderWorkerSet } from './leader-worker-set.ts';
import type { Scaling } from './scaling.ts';

/** A layout with the copies there have to be now, and who decided so by name of the set. */
export interface ScaledLayout {
  readonly layout: Layout;
  readonly scalings: ReadonlyMap<string, Scaling>;
}

/**
 * Puts the live number of copies in place of that of the spec where an autoscaler decides it, as
 * `plan` and `apply` do, so that every rule expects the pods the autoscaler asks for.
 */
export function followAutoscalers(
  layout: Layout,
  sets: ReadonlyMap<string, Reading<Manifest | undefined>>,
  autoscalers: readonly Autoscaler[],
): ScaledLayout {
  const scalings = new Map<string, Scaling>();
  const groups = layout.groups.map((group) => {
    if (group.kind === 'refused') return group;
    const scaling = findScaling(group, sets.get(group.objectName), autoscalers);
    if (scaling === undefined) return group;
    scalings.set(group.objectName, scaling);
    return { ...group, spec: { ...group.spec, replicas: scaling.replicas } };
  });
  return { layout: scalings.size === 0 ? layout : { ...layout, groups }, scalings };
}

function findScaling(
  { spec }: PlacedGroup,
  reading: Reading<Manifest | undefined> | undefined,
  autoscalers: readonly Autoscaler[],
): Scaling | undefined {
  if (reading?.kind !== 'read' || reading.value === undefined) return undefined;
  const by = findScaler(reading.value, autoscalers);
  const replicas = parseLeaderWorkerSet(reading.value)?.spec.replicas;
  if (by === undefined || replicas === undefined) return undefined;
  return { by, replicas, specReplicas: spec.replicas };
}
