import { DsdeployError, type ErrorCode, type ErrorDetail } from '../../errors/index.ts';

/** Errors about one object; any other code is about the connection, the user or a bug. */
const objectCodes: ReadonlySet<ErrorCode> = new Set([
  'ADMISSION_DENIED',
  'CLUSTER_FORBIDDEN',
  'FIELD_CONFLICT',
  'KIND_UNKNOWN',
  'LWS_MISSING',
  'LWS_TOO_OLD',
  'NAMESPACE_MISSING',
  'NAMESPACE_TERMINATING',
  'OBJECT_CHANGED',
  'OBJECT_INVALID',
  'OBJECT_NOT_OWNED',
  'OBJECT_TERMINATING',
  'QUOTA_EXCEEDED',
  'WEBHOOK_FAILED',
]);

/** Runs a check and collects what it finds about an object; anything else goes on as an error. */
export async function collectProblems<Result>(
  problems: DsdeployError[],
  check: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof DsdeployError) || !objectCodes.has(error.code)) throw error;
    problems.push(error);
    return undefined;
  }
}

/** Throws all problems as one error; a single one is thrown as it is. */
export function throwProblems(name: string, problems: readonly DsdeployError[]): void {
  const [first, ...others] = problems;
  if (first === undefined) return;
  if (others.length === 0) throw first;
  const sameCode = others.every(({ code }) => code === first.code);
  const details = problems
    .flatMap((problem) => toDetails(problem, { withCode: !sameCode }))
    .toSorted((a, b) => compare(a.location ?? '', b.location ?? ''));
  throw new DsdeployError(
    sameCode ? first.code : 'PLAN_REFUSED',
    `Cannot plan "${name}": ${String(problems.length)} problems stand against it`,
    { details, cause: first },
  );
}

function toDetails(
  { code, message, subject, hint, details }: DsdeployError,
  { withCode }: { readonly withCode: boolean },
): ErrorDetail[] {
  const own: ErrorDetail = {
    ...(subject === undefined ? {} : { location: subject }),
    message: withCode ? `${code}: ${message}` : message,
    ...(hint === undefined ? {} : { hint }),
  };
  const inner = details
    .filter((detail) => !message.includes(detail.message))
    .map((detail) => ({ ...detail, location: locationIn(subject, detail.location) }));
  return [own, ...inner];
}

/** A field says nothing without the object it is in. */
function locationIn(subject: string | undefined, field: string | undefined): string {
  return [subject, field].filter((part) => part !== undefined).join(' ');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
