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

/** What one role of a group runs, as its engine wants it; charts only place it. */
export interface RoleWorkload {
  readonly role: Role;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env: readonly EnvVar[];
  readonly ports: readonly ContainerPort[];
  /** Absent for a role that serves no HTTP. */
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
