import { z } from 'zod';
import type { LiveObject } from '../../cluster/cluster.ts';
import type { Manifest } from '../../manifest/index.ts';
import { type DeploymentId, fieldManager, lockRef } from '../../plan/index.ts';

/** Seconds without a sign of life after which a holder is taken for dead. */
export const leaseSeconds = 30;

/** What a Lease says about its holder. Times are those of the holder's clock. */
export interface LeaseState {
  readonly holder: string;
  readonly acquiredMs: number;
  readonly renewedMs: number;
  readonly durationMs: number;
  readonly transitions: number;
}

const specSchema = z.looseObject({
  holderIdentity: z.string().catch(''),
  acquireTime: z.string().catch(''),
  renewTime: z.string().catch(''),
  leaseDurationSeconds: z.number().catch(leaseSeconds),
  leaseTransitions: z.number().catch(0),
});

/** Renders the Lease of a deployment. */
export function renderLease(
  deployment: DeploymentId,
  { holder, acquiredMs, renewedMs, transitions }: Omit<LeaseState, 'durationMs'>,
): Manifest {
  const { apiVersion, kind, name } = lockRef(deployment);
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      namespace: deployment.namespace,
      labels: {
        'app.kubernetes.io/instance': deployment.name,
        'app.kubernetes.io/managed-by': fieldManager,
      },
    },
    spec: {
      holderIdentity: holder,
      acquireTime: toMicroTime(acquiredMs),
      renewTime: toMicroTime(renewedMs),
      leaseDurationSeconds: leaseSeconds,
      leaseTransitions: transitions,
    },
  };
}

/** Reads a Lease, whoever wrote it; what is missing counts as long ago. */
export function parseLease(live: LiveObject): LeaseState {
  const spec = specSchema.parse(live['spec'] ?? {});
  return {
    holder: spec.holderIdentity === '' ? 'somebody' : spec.holderIdentity,
    acquiredMs: Date.parse(spec.acquireTime) || 0,
    renewedMs: Date.parse(spec.renewTime) || 0,
    durationMs: spec.leaseDurationSeconds * 1000,
    transitions: spec.leaseTransitions,
  };
}

/** Kubernetes reads exactly six digits of a second. */
function toMicroTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
