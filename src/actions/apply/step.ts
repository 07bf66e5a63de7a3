import { DsdeployError, type ErrorDetail } from '../../errors/index.ts';
import { formatRef, type ObjectRef } from '../../manifest/index.ts';
import { forEachBounded } from '../inventory/index.ts';

/** One write, with what it is told as. */
export interface Step {
  readonly ref: ObjectRef;
  /** Writes, and says what it did as a past participle. */
  run(): Promise<string>;
}

/** Steps of one stage may run side by side; stages run one after another. */
export type Stage = readonly Step[];

export interface RunOptions {
  /** Finishes what is under way and stops. */
  readonly signal?: AbortSignal;
  /** For example `apply "v32"`. */
  readonly what: string;
}

/**
 * Runs stages in order. On failure or abort it starts nothing more, waits for the writes under way,
 * and throws an error that lists what is done, what failed and what was not started.
 */
export async function runStages(
  stages: readonly Stage[],
  { signal, what }: RunOptions,
): Promise<void> {
  const steps = stages.flat();
  const outcomes = new Map<Step, string>();
  const failures = new Map<Step, unknown>();
  for (const stage of stages) {
    await forEachBounded(stage, (step) => runStep(step, { outcomes, failures }), {
      ...(signal === undefined ? {} : { signal }),
    }).catch((cause: unknown) => {
      throw failedError(cause, { steps, outcomes, failures, what });
    });
    if (signal?.aborted === true && outcomes.size < steps.length)
      throw interruptedError({ steps, outcomes, failures, what });
  }
}

interface Journal {
  readonly outcomes: Map<Step, string>;
  readonly failures: Map<Step, unknown>;
}

async function runStep(step: Step, { outcomes, failures }: Journal): Promise<void> {
  try {
    outcomes.set(step, await step.run());
  } catch (error) {
    failures.set(step, error);
    throw error;
  }
}

interface Report extends Journal {
  readonly steps: readonly Step[];
  readonly what: string;
}

function failedError(cause: unknown, report: Report): unknown {
  // A bug is told as a bug, with its stack.
  if (!(cause instanceof DsdeployError)) return cause;
  if (cause.code === 'INTERRUPTED') return interruptedError(report);
  // Told as it is while nothing was written but perhaps a namespace, which is as it was planned.
  if (cause.code === 'PLAN_STALE') return cause;
  if (cause.code === 'LOCKED') return lockedError(cause, report);
  const [step] = report.failures.keys();
  const subject = step === undefined ? undefined : formatRef(step.ref);
  return new DsdeployError('APPLY_FAILED', `Cannot ${report.what}: ${reasonOf(cause)}`, {
    ...(subject === undefined ? {} : { subject }),
    hint: cause.hint ?? 'Mend the cause and run the command again; it goes on from here.',
    details: describeSteps(report, cause),
    cause,
  });
}

/** What went wrong, to stand behind another "Cannot apply". */
function reasonOf({ message }: DsdeployError): string {
  return message.replace(/^Cannot apply /, '').replace(/^Cannot /, 'cannot ');
}

function lockedError(cause: DsdeployError, report: Report): DsdeployError {
  // Before the first write there is nothing to list; a lock that is lost later leaves some undone.
  if (report.outcomes.size === 0) return cause;
  const { subject, hint } = cause;
  return new DsdeployError('LOCKED', cause.message, {
    ...(subject === undefined ? {} : { subject }),
    ...(hint === undefined ? {} : { hint }),
    details: [...cause.details, ...describeSteps(report)],
    cause,
  });
}

function interruptedError(report: Report): DsdeployError {
  const done = String(report.outcomes.size);
  return new DsdeployError(
    'INTERRUPTED',
    `Interrupted: ${done} of ${String(report.steps.length)} steps of ${report.what} are done`,
    {
      hint: 'Run the command again; it goes on from here.',
      details: describeSteps(report),
    },
  );
}

function describeSteps(
  { steps, outcomes, failures }: Report,
  cause?: DsdeployError,
): ErrorDetail[] {
  return steps.map((step) => {
    const message = describeFailure(failures.get(step), cause) ?? outcomes.get(step);
    return { location: formatRef(step.ref), message: message ?? 'not started' };
  });
}

/** What is told as the error itself is not told again beside its step. */
function describeFailure(failure: unknown, cause?: DsdeployError): string | undefined {
  if (!(failure instanceof Error)) return undefined;
  return failure === cause ? 'failed' : `failed: ${failure.message}`;
}
