/** One step of an RFC 6902 patch, as far as we need them. */
export interface JsonPatchOperation {
  readonly op: 'add' | 'replace' | 'remove';
  /** JSON Pointer: `/metadata/annotations/example.com~1by`. */
  readonly path: string;
  readonly value?: unknown;
}

/** JSON Pointer to a place, its steps escaped. */
export function pointerTo(...steps: readonly string[]): string {
  return steps.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
