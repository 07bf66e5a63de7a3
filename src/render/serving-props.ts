import { createHash } from 'node:crypto';
import type { ApiPeer, ServingChartProps } from '../../charts/index.ts';
import { DsdeployError } from '../errors/index.ts';
import type { Layout, PlacedGroup } from '../layout/index.ts';
import type { ApiClient, Spec } from '../spec/index.ts';
import { apiPortOf, groupProps, type StartScriptRef } from './group-props.ts';
import { usesHostNetwork } from './pod-security.ts';
import { readStartScript, startScriptNames } from './start-scripts.ts';

/** Turns a layout whose groups are all placed into what the serving chart needs. */
export function servingProps(spec: Spec, groups: readonly PlacedGroup[]): ServingChartProps {
  const files = startScriptFiles(groups);
  const scripts: StartScriptRef = { configMap: `${spec.name}-start`, digests: digestsOf(files) };
  const ports = groups.map(leaderPort);
  return {
    instance: spec.name,
    namespace: spec.namespace,
    serviceAccount: spec.name,
    startScripts: { name: scripts.configMap, files },
    ...apiKeyProps(spec),
    api: { port: spec.api.port, targetPortName: portName(ports.map(({ name }) => name)) },
    network: {
      apiPorts: [...new Set(ports.map(({ port }) => port))].toSorted((a, b) => a - b),
      apiPeers: spec.api.allowFrom.flatMap(toPeers),
      hostNetworkGroups: groups.filter(usesHostNetwork).map(({ name }) => name),
    },
    groups: groups.map((group) => groupProps(spec, group, scripts)),
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

function startScriptFiles(groups: readonly PlacedGroup[]): Record<string, string> {
  const engines = [...new Set(groups.map(({ spec }) => spec.engine))].toSorted();
  return Object.fromEntries(
    engines.map((engine) => [startScriptNames[engine], readStartScript(engine)]),
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

function leaderPort({ name, workloads }: PlacedGroup) {
  const port = workloads.map(apiPortOf).find((found) => found !== undefined);
  if (port === undefined) throw new Error(`no pod of group ${name} serves HTTP`);
  return port;
}

/** One Service stands before all groups, so their engines must call the port alike. */
function portName(names: readonly string[]): string {
  const [first, ...others] = [...new Set(names)];
  if (first === undefined || others.length > 0) {
    throw new Error(`groups name their API port differently: ${names.join(', ')}`);
  }
  return first;
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
