import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';

import {
  createAuthority,
  issueClientCertificate,
} from '../../../src/sandbox/certificates/certificate-authority.ts';
import { writeCertificates } from '../../../src/sandbox/certificates/certificates.ts';
import { mintKubeconfig } from '../../../src/sandbox/kubeconfig.ts';
import { aSandboxState } from '../sandbox-state.ts';

const directory = mkdtempSync(join(tmpdir(), 'dsdeploy-certificates-'));

afterAll(() => {
  rmSync(directory, { recursive: true });
});

describe('issueClientCertificate()', () => {
  test('puts the user in the common name and the groups in organizations', async () => {
    const authority = await createAuthority('test');
    const pair = await issueClientCertificate(authority, {
      commonName: 'ann',
      organizations: ['ml', 'ops'],
    });
    const certificate = new X509Certificate(pair.certificatePem);
    expect(certificate.subject.split('\n')).toEqual(['O=ml', 'O=ops', 'CN=ann']);
    expect(certificate.verify(new X509Certificate(authority.certificatePem).publicKey)).toBe(true);
    expect(certificate.checkIssued(new X509Certificate(authority.certificatePem))).toBe(true);
  });
});

describe('writeCertificates()', () => {
  test('writes server certificates for 127.0.0.1 and keys only the owner can read', async () => {
    const files = await writeCertificates(join(directory, 'certificates'));
    for (const name of ['kube-apiserver', 'kubelet', 'webhook'] as const) {
      const certificate = new X509Certificate(readFileSync(files.certificate(name)));
      expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
      expect(statSync(files.key(name)).mode & 0o777).toBe(0o600);
    }
  });
});

describe('mintKubeconfig()', () => {
  test('writes a kubeconfig of its own user for the same server', async () => {
    await writeCertificates(join(directory, 'certificates'));
    const path = join(directory, 'ann.kubeconfig');
    const state = aSandboxState({ directory, serverUrl: 'https://127.0.0.1:1' });
    await mintKubeconfig(state, { user: 'ann', groups: ['ml'], path });
    const config: unknown = parse(readFileSync(path, 'utf8'));
    expect(config).toMatchObject({
      'current-context': 'dsdeploy-sandbox-test',
      clusters: [{ cluster: { server: 'https://127.0.0.1:1' } }],
      contexts: [{ name: 'dsdeploy-sandbox-test', context: { user: 'ann' } }],
    });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});
