import { createHash } from 'node:crypto';
import type { ApiPeer, ServingChartProps } from '../../charts/index.ts';
import { apiPortName } from '../engines/index.ts';
import { DsdeployError } from '../errors/index.ts';
import { type Layout, type PlacedGroup, usesHostNetwork } from '../layout/index.ts';
import type { ApiClient, Spec } from '../spec/index.ts';
import { groupProps, type StartScriptRef } from './group-props.ts';
import { observabilityProps } from './observability/observability.ts';
import { readStartScript, startScriptName } from './start-scripts.ts';

/** Turns a layout whose groups are all placed into what the serving chart needs. */
export function servingProps(spec: Spec, groups: readonly PlacedGroup[]): ServingChartProps {
  const files = { [startScriptName]: readStartScript() };
  const scripts: StartScriptRef = { configMap: `${spec.name}-start`, digests: digestsOf(files) };
  return {
    instance: spec.name,
    namespace: spec.namespace,
    serviceAccount: spec.name,
    startScripts: { name: scripts.configMap, files },
    ...apiKeyProps(spec),
    api: { port: spec.api.port, targetPortName: apiPortName },
    network: {
      apiPorts: [...new Set(groups.flatMap(apiPorts))].toSorted((a, b) => a - b),
      apiPeers: spec.api.allowFrom.flatMap(toPeers),
      hostNetworkGroups: groups.filter(usesHostNetwork).map(({ name }) => name),
    },
    groups: groups.map((group) => groupProps(spec, group, scripts)),
    observability: observabilityProps(spec, groups),
  };
}

function apiKeyProps({ api }: Spec): Pick<ServingChartProps, 'apiKey'> {
  if (api.keySecret === 'none' || !api.keySecret.generate) return {};
  return { apiKey: { name: api.keySecret.name, key: api.keySecret.key } };
}

/**
 * Groups of a layout, all placed.
 *
 * @throws DsdeployError `LAYOUT_REFUSED` when a group does not fit.
 */
export function placedGroups({ spec, groups }: Layout): PlacedGroup[] {
  const refused = groups.filter((group) => group.kind === 'refused');
  if (refused.length === 0) return groups.filter((group) => group.kind === 'placed');
  throw new DsdeployError(
    'LAYOUT_REFUSED',
    `Cannot render "${spec.name}": ${refused.map(({ name }) => `group "${name}"`).join(', ')} does not fit`,
    {
      subject: spec.name,
      hint: 'Run `dsdeploy fit` to see the arithmetic',
      details: refused.flatMap(({ name, reasons }) =>
        reasons.map(({ message, hint }) => ({ location: `group ${name}`, message, hint })),
      ),
    },
  );
}

function digestsOf(files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([name, text]) => [
      name,
      createHash('sha256').update(text).digest('hex'),
    ]),
  );
}

/** Container ports on which any role of a group answers API requests. */
function apiPorts({ name, workloads }: PlacedGroup): number[] {
  const numbers = workloads.flatMap((workload) =>
    workload.ports.filter((port) => workload.apiPorts.includes(port.name)).map(({ port }) => port),
  );
  if (numbers.length === 0) throw new Error(`no pod of group ${name} serves HTTP`);
  return numbers;
}

/** A network and labels of one client are two peers: Kubernetes allows no peer that has both. */
function toPeers({ cidr, namespaceLabels, podLabels }: ApiClient): ApiPeer[] {
  const bySelector = namespaceLabels !== undefined || podLabels !== undefined;
  return [
    ...(cidr === undefined ? [] : [{ cidr }]),
    ...(bySelector
      ? [
          {
            ...(namespaceLabels === undefined ? {} : { namespaceLabels }),
            ...(podLabels === undefined ? {} : { podLabels }),
          },
        ]
      : []),
  ];
}
