const masked = '(masked)';

/** What secrets look like wherever they stand; each with what takes their place. */
export const secretShapes: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g, masked],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, masked],
  [/\b(?:hf|ghp|gho|glpat|sk|xox[bap])[_-][A-Za-z0-9_-]{12,}/g, masked],
  [/\bAKIA[0-9A-Z]{16}\b/g, masked],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${masked}`],
  [/(:\/\/[^\s:/@]*):[^\s@/]+@/g, `$1:${masked}@`],
];

/** Whether a text holds something that looks like a secret, whatever its name. */
export function hasSecretShape(text: string): boolean {
  return secretShapes.some(([pattern]) => text.search(pattern) >= 0);
}

/** Text without what looks like a secret. */
export function maskShapes(text: string): string {
  return secretShapes.reduce(
    (rest, [pattern, replacement]) => rest.replaceAll(pattern, replacement),
    text,
  );
}
