import type { Message } from '../../actions/message.ts';
import type { GroupHealth } from '../../health/index.ts';
import { formatRef } from '../../manifest/index.ts';
import { formatNouns, formatSeconds } from '../../units/index.ts';
import type { Style } from '../style.ts';
import { renderPhase, slowestStart } from '../text/phase.ts';

type Applied = Extract<Message, { code: 'OBJECT_APPLIED' }>;
type WaitProgress = Extract<Message, { code: 'WAIT_PROGRESS' }>;
type WaitGone = Extract<Message, { code: 'WAIT_GONE' }>;

const outcomeSigns = {
  created: '+',
  updated: '~',
  adopted: '~',
  unchanged: '=',
  deleted: '-',
  kept: '=',
} as const satisfies Record<Applied['outcome'], string>;

/** Whether a message only repeats what the plan has just shown. */
export function isToldByPlan(message: Message): boolean {
  if (message.code === 'OBJECT_RETAINED') return true;
  return message.code === 'OBJECT_APPLIED' && message.outcome === 'unchanged';
}

/** Renders one message on one line. */
export function renderMessage(message: Message, style: Style): string {
  const { paints } = style;
  switch (message.code) {
    case 'TARGET': {
      const { context, server, serverVersion, user } = message.target;
      const as = user === context ? '' : ` as ${user}`;
      return `Using context ${context}${as}: ${server}, Kubernetes ${serverVersion}`;
    }
    case 'STEP':
      return message.text;
    case 'WARNING':
      return `${paints.warning('warning')}  ${message.text}`;
    case 'OBJECT_APPLIED':
      return renderApplied(message, style);
    case 'CHECK_PROGRESS':
      return `Checked ${String(message.done)} of ${String(message.total)} objects`;
    case 'OBJECT_RETAINED':
      return `${paints.warning('left alone')}  ${formatRef(message.ref)}: ${message.reason}`;
    case 'REVISION_RECORDED': {
      const { number, withheld } = message;
      const but = withheld === undefined ? '' : `, without spec and manifests. ${withheld}`;
      return `Recorded as revision ${String(number)}${but}`;
    }
    case 'LOCK_HELD': {
      const { holder, expiresAt, durationSeconds } = message;
      const wait = `unless it gives a sign of life, its lock is taken over within ${formatSeconds(durationSeconds)}`;
      return `${paints.warning('locked')}  by ${holder}, expires ${expiresAt}; ${wait}`;
    }
    case 'WAIT_GONE':
      return renderWaitGone(message);
    case 'WAIT_PROGRESS': {
      const elapsed = renderElapsed(message);
      const groups = message.groups.map(renderGroupProgress).join('; ');
      const slowest = slowestStart(message.phases ?? []);
      const start = slowest === undefined ? '' : `; ${slowest.pod}: ${renderPhase(slowest)}`;
      return `Waiting ${elapsed}: ${groups}${start}`;
    }
  }
}

/**
 * How long it took so far, and how long it takes: `3m05s (a group needs about 15m45s)`, or `20m of about
 * 31m30s (a group needs about 15m45s)` where groups restart one after another.
 */
export function renderElapsed(
  { elapsedSeconds, expectedSeconds, rollOutSeconds }: WaitProgress,
  sinceSeconds = 0,
): string {
  const whole = rollOutSeconds === undefined ? '' : ` of about ${formatSeconds(rollOutSeconds)}`;
  const elapsed = `${formatSeconds(elapsedSeconds + sinceSeconds)}${whole}`;
  if (expectedSeconds === undefined) return elapsed;
  return `${elapsed} (a group needs about ${formatSeconds(expectedSeconds)})`;
}

function renderWaitGone({ elapsedSeconds, remaining }: WaitGone): string {
  const [first] = remaining;
  const example = first === undefined ? '' : `, ${formatRef(first)}`;
  const more = remaining.length > 1 ? ' and others' : '';
  const elapsed = formatSeconds(elapsedSeconds);
  return `Waiting ${elapsed} for ${formatNouns(remaining.length, 'object')} to be gone${example}${more}`;
}

function renderApplied({ ref, outcome, done, total }: Applied, { paints }: Style): string {
  const paint = outcome === 'unchanged' || outcome === 'kept' ? paints.muted : paints.good;
  const width = String(total).length;
  const count = `${String(done).padStart(width)}/${String(total)}`;
  return `${paints.muted(count)} ${paint(outcomeSigns[outcome])} ${formatRef(ref)} ${outcome}`;
}

/** One line on a group: how many pods are up and what the first lagging one waits for. */
export function renderGroupProgress(group: GroupHealth): string {
  const healthy = group.pods.filter(({ verdict }) => verdict === 'healthy').length;
  const pods = `${String(healthy)} of ${String(group.pods.length)} pods healthy`;
  const lagging = group.pods.find(({ verdict }) => verdict !== 'healthy');
  const because = lagging === undefined ? '' : `, ${lagging.name}: ${lagging.detail}`;
  return `${group.group} ${group.verdict}, ${pods}${because}`;
}
