import { App } from 'cdk8s';
import {
  instanceLabels,
  NamespaceChart,
  type PodSecurityLevel,
  ServingChart,
} from '../../charts/index.ts';
import { type Layout, type PlacedGroup, podSecurityOf } from '../layout/index.ts';
import type { Spec } from '../spec/index.ts';
import { placedGroups, servingProps } from './serving-props.ts';

/**
 * Adds the charts of a layout to a cdk8s app.
 *
 * @param app - where to add them; a new app when absent.
 * @throws DsdeployError `LAYOUT_REFUSED` when a group does not fit.
 */
export function buildApp(layout: Layout, app: App = new App()): App {
  const { spec } = layout;
  const groups = placedGroups(layout);
  const serving = new ServingChart(app, spec.name, servingProps(spec, groups));
  if (spec.createNamespace) serving.addDependency(namespaceChart(app, spec, groups));
  return app;
}

function namespaceChart(app: App, spec: Spec, groups: readonly PlacedGroup[]): NamespaceChart {
  const securities = groups.map((group) => podSecurityOf(group, spec.model.weights.source));
  return new NamespaceChart(app, `${spec.name}-namespace`, {
    name: spec.namespace,
    labels: instanceLabels(spec.name),
    enforce: loosest(securities.map(({ level }) => level)),
    exceptions: [...new Set(securities.flatMap(({ exceptions }) => exceptions))],
  });
}

/** One namespace has one level, so the group that needs most decides. */
function loosest(levels: readonly PodSecurityLevel[]): PodSecurityLevel {
  if (levels.includes('privileged')) return 'privileged';
  return levels.includes('baseline') ? 'baseline' : 'restricted';
}
