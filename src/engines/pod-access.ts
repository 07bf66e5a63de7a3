/** A right a container needs, with the reason an auditor reads. */
export interface Justified {
  readonly why: string;
}

/** A path of the node that pods mount at the same place. */
export interface HostPath extends Justified {
  /** Name of the volume. */
  readonly name: string;
  readonly path: string;
  readonly type: 'Directory' | 'File';
}

/** What the pods of a group need beyond an ordinary container. */
export interface PodAccess {
  /** User and group of the process; 0 is root and needs a reason. */
  readonly user: Partial<Justified> & { readonly user: number; readonly group: number };
  /** Linux capabilities; Kubernetes gives an added one only to root. */
  readonly capabilities: readonly (Justified & { readonly name: string })[];
  /** Mounted read-only. */
  readonly hostPaths: readonly HostPath[];
}
