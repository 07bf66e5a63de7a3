// tsyringe, which @peculiar/x509 stands on, refuses to load without this.
import 'reflect-metadata';

import { randomBytes, webcrypto } from 'node:crypto';

import * as x509 from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** A sandbox is for an afternoon; a year leaves nobody with an expired one. */
const validityMs = 365 * 24 * 3_600_000;

/** Clocks of one machine agree, but a certificate must not start in the future after rounding. */
const backdateMs = 60_000;

export interface CertificatePair {
  readonly certificatePem: string;
  readonly keyPem: string;
}

export interface Subject {
  /** Common name; for a client certificate the Kubernetes user. */
  readonly commonName: string;
  /** For a client certificate the Kubernetes groups. */
  readonly organizations?: readonly string[];
}

/** A certificate authority as PEM texts, able to be written to files and read again. */
export async function createAuthority(commonName: string): Promise<CertificatePair> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ CN: [commonName] }],
    ...validity(),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return toPair(certificate, keys);
}

/** Signs a certificate that a server at 127.0.0.1 presents. */
export async function issueServerCertificate(
  authority: CertificatePair,
  commonName: string,
): Promise<CertificatePair> {
  const names = new x509.SubjectAlternativeNameExtension([
    { type: 'ip', value: '127.0.0.1' },
    { type: 'dns', value: 'localhost' },
    { type: 'dns', value: 'kubernetes.default.svc' },
  ]);
  return issue(authority, { commonName }, [
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    names,
  ]);
}

/** Signs a certificate with which a user or a component logs in to the API server. */
export async function issueClientCertificate(
  authority: CertificatePair,
  subject: Subject,
): Promise<CertificatePair> {
  return issue(authority, subject, [
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
  ]);
}

/** Makes the key pair that signs service-account tokens. */
export async function createTokenKeys(): Promise<{ publicPem: string; privatePem: string }> {
  const keys = await generateKeys();
  return { publicPem: await publicKeyPem(keys), privatePem: await privateKeyPem(keys) };
}

async function issue(
  authority: CertificatePair,
  subject: Subject,
  extensions: readonly x509.Extension[],
): Promise<CertificatePair> {
  const issuer = new x509.X509Certificate(authority.certificatePem);
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: [
      ...(subject.organizations ?? []).map((organization) => ({ O: [organization] })),
      { CN: [subject.commonName] },
    ],
    issuer: issuer.subjectName,
    ...validity(),
    publicKey: keys.publicKey,
    signingKey: await importPrivateKey(authority.keyPem),
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      ...extensions,
    ],
  });
  return toPair(certificate, keys);
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

function importPrivateKey(pem: string): Promise<webcrypto.CryptoKey> {
  const [der] = x509.PemConverter.decode(pem);
  return webcrypto.subtle.importKey('pkcs8', der ?? new ArrayBuffer(0), algorithm, false, ['sign']);
}

async function toPair(
  certificate: x509.X509Certificate,
  keys: webcrypto.CryptoKeyPair,
): Promise<CertificatePair> {
  return { certificatePem: `${certificate.toString('pem')}\n`, keyPem: await privateKeyPem(keys) };
}

async function privateKeyPem({ privateKey }: webcrypto.CryptoKeyPair): Promise<string> {
  const der = await webcrypto.subtle.exportKey('pkcs8', privateKey);
  return `${x509.PemConverter.encode(der, 'PRIVATE KEY')}\n`;
}

async function publicKeyPem({ publicKey }: webcrypto.CryptoKeyPair): Promise<string> {
  const der = await webcrypto.subtle.exportKey('spki', publicKey);
  return `${x509.PemConverter.encode(der, 'PUBLIC KEY')}\n`;
}

function validity(): { notBefore: Date; notAfter: Date } {
  const nowMs = Date.now();
  return { notBefore: new Date(nowMs - backdateMs), notAfter: new Date(nowMs + validityMs) };
}

function serialNumber(): string {
  // A leading byte below 0x80 keeps the DER integer positive.
  return `01${randomBytes(15).toString('hex')}`;
}
