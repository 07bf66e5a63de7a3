import { errorCodeOf } from './has-error-code.ts';

/** What is wrong between the two certificates, and what to do about it. */
export interface TlsProblem {
  readonly reason: string;
  readonly hint: string;
}

const unknownAuthority: TlsProblem = {
  reason: "the server's certificate is signed by an authority the kubeconfig does not know",
  hint: "Set certificate-authority-data of the cluster in the kubeconfig to the cluster's CA; ask its administrator for the current one.",
};

const notTls: TlsProblem = {
  reason: 'the server does not speak TLS at this address',
  hint: 'Check scheme and port of the server in the kubeconfig.',
};

const clientRefused: TlsProblem = {
  reason: 'the server refused the client certificate',
  hint: 'Renew client-certificate-data and client-key-data of the user: they are expired or of another cluster.',
};

const byCode: Readonly<Record<string, TlsProblem>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  CERT_SIGNATURE_FAILURE: unknownAuthority,
  CERT_HAS_EXPIRED: {
    reason: "the server's certificate, or its CA in the kubeconfig, has expired",
    hint: "Ask the cluster's administrator to renew it, and check the clock of this machine.",
  },
  CERT_NOT_YET_VALID: {
    reason: "the server's certificate is not valid yet",
    hint: 'Check the clock of this machine.',
  },
  ERR_SSL_WRONG_VERSION_NUMBER: notTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: notTls,
};

/**
 * Explains a failed TLS handshake; `undefined` when the error is something else. No hint ever
 * suggests to skip the verification: that would hand the credentials to whoever answers.
 */
export function mapTlsError(error: unknown): TlsProblem | undefined {
  const code = errorCodeOf(error);
  if (code === undefined) return undefined;
  const message = error instanceof Error ? error.message : '';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return {
      reason: `the server's certificate is for other names: ${message}`,
      hint: 'Use one of these names in the server URL, or set tls-server-name of the cluster in the kubeconfig.',
    };
  }
  if (byCode[code] !== undefined) return byCode[code];
  if (/ALERT_(?:BAD_CERTIFICATE|CERTIFICATE_|UNKNOWN_CA|NO_CERTIFICATE)/.test(code)) {
    return clientRefused;
  }
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_') || code === 'EPROTO') {
    return { reason: `the TLS handshake failed: ${message}`, hint: notTls.hint };
  }
  return undefined;
}
