const masked = '(masked)';

type Shape = readonly [pattern: RegExp, replacement: string];

/** Shapes that nothing but a secret has. */
function plainShapes(label: string): readonly Shape[] {
  return [
    [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g, label],
    [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, label],
    [/\b(?:hf|gh[oprsu]|github_pat|glpat|nvapi|sk|xox[bap])[_-][A-Za-z0-9_-]{12,}/g, label],
    [/\bA[KS]IA[0-9A-Z]{16}\b/g, label],
    // Up to the last `@`, as passwords may hold one. A reference that Kubernetes fills in,
    // `$(PASSWORD)`, is not a secret itself.
    [/(:\/\/[^\s:/@]*):(?!\$\([\w.-]+\)@)[^\s/]+@/g, `$1:${label}@`],
    // A token in place of a user's name.
    [/(:\/\/)(?=[^\s:/@]*\d)[^\s:/@"']{20,}@/g, `$1${label}@`],
  ];
}

/** What secrets look like wherever they stand; each with what takes their place. */
export const secretShapes: readonly Shape[] = [
  ...plainShapes(masked),
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${masked}`],
];

/** "Basic authentication" is prose, which objects have more of than logs; a token has a digit. */
const bearer = /\b(Bearer|Basic)\s+(?=[\w.~+/=-]*\d)[\w.~+/=-]{16,}/gi;

/** A value of an object, without what has the shape of a secret whatever its name. */
export function maskShapesIn(value: string, label: string): string {
  return [...plainShapes(label), [bearer, `$1 ${label}`] as const].reduce(
    (rest, [pattern, replacement]) => rest.replaceAll(pattern, replacement),
    value,
  );
}

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
