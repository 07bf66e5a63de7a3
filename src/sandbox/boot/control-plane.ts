import { join } from 'node:path';

import { type CertificateFiles } from '../certificates/certificates.ts';
import type { SandboxPaths } from '../paths.ts';
import { loopback } from '../ports.ts';
import type { ComponentName } from './component.ts';

/** TCP ports of one sandbox, all on 127.0.0.1. */
export interface SandboxPorts {
  readonly etcdClient: number;
  readonly etcdPeer: number;
  readonly apiServer: number;
  readonly kwok: number;
  readonly lwsWebhook: number;
}

export interface CommandOptions {
  readonly paths: SandboxPaths;
  readonly ports: SandboxPorts;
  readonly certificates: CertificateFiles;
}

/** Returns the kubeconfig file a component logs in with. */
export function componentKubeconfig(paths: SandboxPaths, component: ComponentName): string {
  return join(paths.configs, `${component}.kubeconfig`);
}

/** Returns the configuration file of a component that has one. */
export function componentConfig(paths: SandboxPaths, component: ComponentName): string {
  return join(paths.configs, `${component}.yaml`);
}

export function serverUrl(ports: SandboxPorts): string {
  return `https://${loopback}:${String(ports.apiServer)}`;
}

export function etcdArgs({ paths, ports }: CommandOptions): string[] {
  const clientUrl = `http://${loopback}:${String(ports.etcdClient)}`;
  const peerUrl = `http://${loopback}:${String(ports.etcdPeer)}`;
  return [
    `--data-dir=${paths.etcdData}`,
    `--listen-client-urls=${clientUrl}`,
    `--advertise-client-urls=${clientUrl}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
    // Nothing in a sandbox is worth waiting for a disk.
    '--unsafe-no-fsync',
  ];
}

export function apiServerArgs({ ports, certificates }: CommandOptions): string[] {
  return [
    `--etcd-servers=http://${loopback}:${String(ports.etcdClient)}`,
    `--bind-address=${loopback}`,
    `--advertise-address=${loopback}`,
    `--secure-port=${String(ports.apiServer)}`,
    `--tls-cert-file=${certificates.certificate('kube-apiserver')}`,
    `--tls-private-key-file=${certificates.key('kube-apiserver')}`,
    `--client-ca-file=${certificates.authority}`,
    '--authorization-mode=Node,RBAC',
    '--allow-privileged=true',
    '--service-cluster-ip-range=10.96.0.0/16',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${certificates.tokenPublicKey}`,
    `--service-account-signing-key-file=${certificates.tokenPrivateKey}`,
    // Logs and port-forward go through the kubelet, which kwok plays at the nodes' external address;
    // their internal one is only a name for pods on the host network.
    '--kubelet-preferred-address-types=ExternalIP',
    `--kubelet-certificate-authority=${certificates.authority}`,
    `--kubelet-client-certificate=${certificates.certificate('kubelet-client')}`,
    `--kubelet-client-key=${certificates.key('kubelet-client')}`,
    // The "kubernetes" Service may not point at a loopback address.
    '--endpoint-reconciler-type=none',
    '--shutdown-delay-duration=0s',
  ];
}

export function controllerManagerArgs({ paths, certificates }: CommandOptions): string[] {
  const kubeconfig = componentKubeconfig(paths, 'kube-controller-manager');
  return [
    `--kubeconfig=${kubeconfig}`,
    `--service-account-private-key-file=${certificates.tokenPrivateKey}`,
    `--root-ca-file=${certificates.authority}`,
    '--use-service-account-credentials=true',
    '--leader-elect=false',
    '--secure-port=0',
    // Deployments, jobs and sets of one user; the defaults are for thousands of objects.
    '--kube-api-qps=200',
    '--kube-api-burst=300',
  ];
}

export function schedulerArgs({ paths }: CommandOptions): string[] {
  const kubeconfig = componentKubeconfig(paths, 'kube-scheduler');
  return [`--kubeconfig=${kubeconfig}`, '--leader-elect=false', '--secure-port=0'];
}

export function kwokArgs({ paths, ports, certificates }: CommandOptions): string[] {
  return [
    `--kubeconfig=${componentKubeconfig(paths, 'kwok')}`,
    `--config=${componentConfig(paths, 'kwok')}`,
    `--node-ip=${loopback}`,
    `--node-port=${String(ports.kwok)}`,
    `--server-address=${loopback}:${String(ports.kwok)}`,
    `--tls-cert-file=${certificates.certificate('kubelet')}`,
    `--tls-private-key-file=${certificates.key('kubelet')}`,
  ];
}

export function lwsArgs({ paths }: CommandOptions): string[] {
  return [
    `--kubeconfig=${componentKubeconfig(paths, 'lws-manager')}`,
    `--config=${componentConfig(paths, 'lws-manager')}`,
  ];
}
