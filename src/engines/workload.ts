/** Which part a pod plays in its group. `single` is a group of one pod. */
export type Role = 'leader' | 'worker' | 'single';

export type EnvVar =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly secret: { readonly name: string; readonly key: string } }
  | { readonly name: string; readonly fieldPath: string };

export interface ContainerPort {
  readonly name: string;
  readonly port: number;
}

export interface HttpProbe {
  readonly path: string;
  /** Name of a container port of the same workload. */
  readonly port: string;
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold: number;
}

/** Name of the container port that answers API requests, the same for every engine. */
export const apiPortName = 'http';

/** What one role of a group runs, as its engine wants it; charts only place it. */
export interface RoleWorkload {
  readonly role: Role;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env: readonly EnvVar[];
  readonly ports: readonly ContainerPort[];
  /**
   * Names of the ports that answer API requests, `apiPortName` first; empty for a role that serves
   * none. Pods of a role that serves are behind the Services, whether they lead their group or not.
   */
  readonly apiPorts: readonly string[];
  /** Absent for a role without a port that tells its health. */
  readonly probes?: {
    readonly startup: HttpProbe;
    readonly readiness: HttpProbe;
    readonly liveness: HttpProbe;
  };
  readonly shutdown: {
    /** Seconds between leaving the endpoints and SIGTERM. */
    readonly preStopSeconds: number;
    /** Seconds until SIGKILL: preStop, drain and margin. */
    readonly graceSeconds: number;
  };
}

/** Joins environments; of two variables with one name the later wins, in the place of the first. */
export function mergeEnvironment(...parts: readonly (readonly EnvVar[])[]): EnvVar[] {
  const byName = new Map<string, EnvVar>();
  for (const variable of parts.flat()) byName.set(variable.name, variable);
  return [...byName.values()];
}

/** The user's own variables. */
export function toVariables(values: Readonly<Record<string, string>>): EnvVar[] {
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}
