import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { stringify } from 'yaml';

import { type AgentConfig, silentLogFile } from '../agent-config.ts';
import {
  type CertificateFiles,
  type ClientName,
  webhookCertificateDirectory,
} from '../certificates/certificates.ts';
import { contextName, renderKubeconfig } from '../kubeconfig.ts';
import type { SandboxPaths } from '../paths.ts';
import { writePrivateFile } from '../private-file.ts';
import type { ComponentName } from './component.ts';
import {
  componentConfig,
  componentKubeconfig,
  type SandboxPorts,
  serverUrl,
} from './control-plane.ts';
import { kwokConfiguration } from './kwok.ts';
import { lwsConfiguration } from './lws.ts';

export interface BootFilesOptions {
  readonly name: string;
  readonly paths: SandboxPaths;
  readonly ports: SandboxPorts;
  readonly certificates: CertificateFiles;
  readonly simulatorProgram: string;
}

export function agentConfigFile(paths: SandboxPaths): string {
  return join(paths.configs, 'agent.json');
}

export async function makeDirectories(paths: SandboxPaths): Promise<void> {
  for (const directory of [paths.directory, paths.logs, paths.podLogs, paths.configs]) {
    await mkdir(directory, { recursive: true, mode: 0o700 });
  }
}

/** Writes every file the components read, and the user's kubeconfig. */
export async function writeBootFiles(options: BootFilesOptions): Promise<void> {
  const { name, paths, ports, certificates } = options;
  const kubeconfig = (client: ClientName): string =>
    renderKubeconfig({
      name: contextName(name),
      serverUrl: serverUrl(ports),
      authorityPem: certificates.authorityPem,
      user: contextName(name),
      ...certificates.clientPairs[client],
    });
  const components = ['kube-controller-manager', 'kube-scheduler', 'kwok', 'lws-manager'] as const;
  const webhookCertificates = webhookCertificateDirectory(paths.certificates);
  const writeConfig = (component: ComponentName, config: object): Promise<void> =>
    writeFile(componentConfig(paths, component), stringify(config));
  await Promise.all([
    writePrivateFile(paths.kubeconfigFile, kubeconfig('admin')),
    ...components.map((component) =>
      writePrivateFile(componentKubeconfig(paths, component), kubeconfig(component)),
    ),
    writeConfig('kwok', kwokConfiguration()),
    writeConfig('lws-manager', lwsConfiguration(ports.lwsWebhook, webhookCertificates)),
    writeFile(agentConfigFile(paths), JSON.stringify(agentConfig(options))),
    writeFile(silentLogFile(paths.podLogs), ''),
  ]);
}

function agentConfig({
  paths,
  ports,
  certificates,
  simulatorProgram,
}: BootFilesOptions): AgentConfig {
  return {
    serverUrl: serverUrl(ports),
    authorityFile: certificates.authority,
    certificateFile: certificates.certificate('agent'),
    keyFile: certificates.key('agent'),
    simulatorProgram,
    podLogsDirectory: paths.podLogs,
    simulatorsFile: paths.simulatorsFile,
    stateFile: paths.stateFile,
  };
}
