import type { Cluster } from '../../cluster/cluster.ts';
import { DsdeployError, type ErrorDetail } from '../../errors/index.ts';
import { isBlocking, type PreflightFinding } from '../../plan/index.ts';
import { leaveOutUnserved } from '../plan/index.ts';
import { type AccessRequestInput, findAccessRules } from './access.ts';
import type { PreflightInput } from './facts.ts';
import { judgePreflight } from './judge.ts';
import { readFacts } from './read-facts.ts';
import { findReferences } from './references.ts';
import { findWorkloads } from './workload.ts';

export interface PreflightPorts {
  readonly cluster: Cluster;
}

/**
 * Finds out what would stand in the way of a deployment. Reads once and writes nothing; all that is
 * wrong comes back at once, and what may not be read as `unknown`.
 */
export async function runPreflight(
  request: AccessRequestInput,
  ports: PreflightPorts,
): Promise<PreflightFinding[]> {
  return judgePreflight(await readPreflight(request, ports));
}

/** Reads once what preflight judges. */
export async function readPreflight(
  request: AccessRequestInput,
  { cluster }: PreflightPorts,
): Promise<PreflightInput> {
  const { deployment, createNamespace } = request;
  const { manifests } = await leaveOutUnserved(request.manifests, cluster);
  const input = {
    deployment,
    manifests,
    createNamespace,
    workloads: findWorkloads(manifests),
    references: findReferences(manifests),
  };
  const facts = await readFacts(
    { ...input, rules: findAccessRules({ ...request, manifests }) },
    { cluster },
  );
  return { ...input, facts };
}

/** Stops when a finding stands against the apply, with all such findings in one error. */
export function assertPreflight(
  findings: readonly PreflightFinding[],
  {
    name,
    purpose,
    cause,
  }: { readonly name: string; readonly purpose: string; readonly cause?: unknown },
): void {
  const blocking = findings.filter(isBlocking);
  if (blocking.length === 0) return;
  const count =
    blocking.length === 1 ? '1 finding stands' : `${String(blocking.length)} findings stand`;
  throw new DsdeployError(
    'PREFLIGHT_FAILED',
    `Cannot ${purpose} "${name}": ${count} against it, and nothing was written`,
    {
      details: blocking.map(toDetail),
      hint: 'Mend them, or run again with --skip-preflight if you know better.',
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

function toDetail({ code, what, where, fix, command }: PreflightFinding): ErrorDetail {
  return { location: where, message: `${code}: ${what}`, hint: `${fix} See: \`${command}\`` };
}
