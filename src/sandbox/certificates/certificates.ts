import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writePrivateFile } from '../private-file.ts';
import {
  type CertificatePair,
  createAuthority,
  createTokenKeys,
  issueClientCertificate,
  issueServerCertificate,
  type Subject,
} from './certificate-authority.ts';

/** Members of this group pass every authorization check. */
const administrators = 'system:masters';

const servers = ['kube-apiserver', 'kubelet', 'webhook'] as const;

const clients = {
  admin: { commonName: 'dsdeploy-sandbox-admin', organizations: [administrators] },
  agent: { commonName: 'dsdeploy-sandbox-agent', organizations: [administrators] },
  'kube-controller-manager': { commonName: 'system:kube-controller-manager' },
  'kube-scheduler': { commonName: 'system:kube-scheduler' },
  // What the API server presents to kwok, which plays the kubelet, for logs and port-forward.
  'kubelet-client': {
    commonName: 'kube-apiserver-kubelet-client',
    organizations: [administrators],
  },
  kwok: { commonName: 'dsdeploy-sandbox-kwok', organizations: [administrators] },
  'lws-manager': { commonName: 'dsdeploy-sandbox-lws', organizations: [administrators] },
} as const satisfies Record<string, Subject>;

export type ServerName = (typeof servers)[number];
export type ClientName = keyof typeof clients;

export interface CertificateFiles {
  readonly authority: string;
  readonly authorityPem: string;
  readonly tokenPublicKey: string;
  readonly tokenPrivateKey: string;
  certificate(name: ServerName | ClientName): string;
  key(name: ServerName | ClientName): string;
  readonly clientPairs: Readonly<Record<ClientName, CertificatePair>>;
}

/** Makes one authority and a certificate per component, and writes them as PEM files. */
export async function writeCertificates(directory: string): Promise<CertificateFiles> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const authority = await createAuthority('dsdeploy-sandbox');
  const [tokenKeys, serverPairs, clientPairs] = await Promise.all([
    createTokenKeys(),
    issueAll(servers, (name) => issueServerCertificate(authority, name)),
    issueAll(Object.keys(clients) as ClientName[], (name) =>
      issueClientCertificate(authority, clients[name]),
    ),
  ]);
  const files: Record<string, string> = {
    'ca.crt': authority.certificatePem,
    'ca.key': authority.keyPem,
    'tokens.pub': tokenKeys.publicPem,
    'tokens.key': tokenKeys.privatePem,
  };
  for (const [name, pair] of Object.entries({ ...serverPairs, ...clientPairs })) {
    files[`${name}.crt`] = pair.certificatePem;
    files[`${name}.key`] = pair.keyPem;
  }
  // controller-runtime wants these two names, in a folder of their own.
  await mkdir(webhookCertificateDirectory(directory), { recursive: true });
  files['webhook-server/tls.crt'] = serverPairs.webhook.certificatePem;
  files['webhook-server/tls.key'] = serverPairs.webhook.keyPem;
  await Promise.all(
    Object.entries(files).map(([name, text]) => writePrivateFile(join(directory, name), text)),
  );
  return {
    authority: join(directory, 'ca.crt'),
    authorityPem: authority.certificatePem,
    tokenPublicKey: join(directory, 'tokens.pub'),
    tokenPrivateKey: join(directory, 'tokens.key'),
    certificate: (name) => join(directory, `${name}.crt`),
    key: (name) => join(directory, `${name}.key`),
    clientPairs,
  };
}

export function webhookCertificateDirectory(directory: string): string {
  return join(directory, 'webhook-server');
}

/** Reads the authority of a running sandbox, to sign another user's certificate. */
export async function readAuthority(directory: string): Promise<CertificatePair> {
  const [certificatePem, keyPem] = await Promise.all([
    readFile(join(directory, 'ca.crt'), 'utf8'),
    readFile(join(directory, 'ca.key'), 'utf8'),
  ]);
  return { certificatePem, keyPem };
}

async function issueAll<Name extends string>(
  names: readonly Name[],
  issue: (name: Name) => Promise<CertificatePair>,
): Promise<Record<Name, CertificatePair>> {
  const pairs = await Promise.all(names.map(async (name) => [name, await issue(name)] as const));
  return Object.fromEntries(pairs) as Record<Name, CertificatePair>;
}
