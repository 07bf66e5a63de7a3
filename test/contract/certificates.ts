// tsyringe, which @peculiar/x509 stands on, refuses to load without this.
import 'reflect-metadata';

import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const dayMs = 24 * 3_600_000;

export interface TestCertificates {
  /** PEM of the authority. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** An authority and a server certificate it signed. */
export async function makeCertificates({
  names = ['127.0.0.1'],
  validDays = 1,
}: {
  readonly names?: readonly string[];
  readonly validDays?: number;
} = {}): Promise<TestCertificates> {
  const authorityKeys = await generateKeys();
  const validity = {
    notBefore: new Date(Date.now() - 30 * dayMs),
    notAfter: new Date(Date.now() + validDays * dayMs),
  };
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=Test CA',
    notBefore: validity.notBefore,
    notAfter: new Date(Date.now() + dayMs),
    keys: authorityKeys,
    signingAlgorithm: algorithm,
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: '02',
    subject: 'CN=server',
    issuer: authority.subject,
    ...validity,
    publicKey: keys.publicKey,
    signingKey: authorityKeys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: /^[\d.]+$/.test(value) ? 'ip' : 'dns', value })),
      ),
    ],
  });
  return {
    ca: authority.toString('pem'),
    cert: certificate.toString('pem'),
    key: await toPem(keys),
  };
}

async function generateKeys() {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

async function toPem({ privateKey }: webcrypto.CryptoKeyPair): Promise<string> {
  const bytes = await webcrypto.subtle.exportKey('pkcs8', privateKey);
  return x509.PemConverter.encode(bytes, 'PRIVATE KEY');
}
