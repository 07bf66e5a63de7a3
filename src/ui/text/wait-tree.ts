import type { Message } from '../../actions/message.ts';
import type { GroupHealth, PodTimeline, Verdict } from '../../health/index.ts';
import { paragraph } from '../block.ts';
import type { Style } from '../style.ts';
import { table } from '../table.ts';
import { renderPhase } from './phase.ts';

export interface WaitTreeOptions {
  readonly style: Style;
  /** Lines there is room for; @default - all that are needed */
  readonly lines?: number | undefined;
}

/** Lines of the header above the tree and of the prompt below it. */
const reservedLines = 3;

/** Those that need a look first. */
const order: readonly Verdict[] = ['unhealthy', 'unknown', 'progressing', 'healthy'];

/**
 * Renders groups with their pods below, each with its ranks and what it does. Where there are more
 * pods than lines, those that are furthest from serving are shown and the others counted.
 */
export function renderWaitTree(
  { groups, phases = [] }: Extract<Message, { code: 'WAIT_PROGRESS' }>,
  { style, lines }: WaitTreeOptions,
): string[] {
  const starts = new Map(phases.map((start) => [start.pod, start]));
  const budget =
    lines === undefined
      ? Number.POSITIVE_INFINITY
      : Math.max(1, Math.floor((lines - reservedLines) / Math.max(1, groups.length)));
  return groups.flatMap((group) => fitGroup(group, { style, starts, budget }));
}

/** Shows as many pods as fit: on a narrow terminal one takes several lines. */
function fitGroup(
  group: GroupHealth,
  { budget, ...options }: Omit<GroupOptions, 'room'> & { readonly budget: number },
): string[] {
  let room = Math.min(group.pods.length, budget);
  for (;;) {
    const rendered = renderGroup(group, { ...options, room });
    if (rendered.length <= budget || room <= 1) return rendered;
    room = Math.max(1, Math.min(room - 1, Math.floor((room * budget) / rendered.length)));
  }
}

interface GroupOptions {
  readonly style: Style;
  readonly starts: ReadonlyMap<string, PodTimeline>;
  /** Pods there is room for. */
  readonly room: number;
}

function renderGroup(group: GroupHealth, { style, starts, room }: GroupOptions): string[] {
  const { pods, readyReplicas, replicas } = group;
  const title = `${group.group}: ${String(readyReplicas)} of ${String(replicas)} ready`;
  const shown =
    pods.length <= room
      ? pods
      : pods.toSorted((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict)).slice(0, room);
  const rows = shown.map((pod) => {
    const start = starts.get(pod.name);
    const phase = pod.verdict === 'progressing' && start !== undefined ? renderPhase(start) : '';
    return [
      { text: pod.name },
      { text: pod.ranks },
      { text: pod.verdict, paint: paintOf(pod.verdict, style) },
      { text: phase === '' ? pod.detail : phase },
    ];
  });
  const columns = [
    { header: 'pod' },
    { header: 'ranks' },
    { header: 'state' },
    { header: 'detail' },
  ];
  return [
    ...paragraph(title, { style, indent: 2 }),
    ...(rows.length === 0 ? [] : table({ columns, rows }, { style, indent: 4 })),
    ...(shown.length === pods.length
      ? []
      : paragraph(countRest(pods, shown), { style, indent: 4, paint: style.paints.muted })),
  ];
}

function countRest(all: GroupHealth['pods'], shown: GroupHealth['pods']): string {
  const rest = all.filter((pod) => !shown.includes(pod));
  const counts = order.flatMap((verdict) => {
    const count = rest.filter((pod) => pod.verdict === verdict).length;
    return count === 0 ? [] : [`${String(count)} ${verdict}`];
  });
  return `and ${String(rest.length)} more pods: ${counts.join(', ')}`;
}

function paintOf(verdict: Verdict, { paints }: Style): (text: string) => string {
  if (verdict === 'healthy') return paints.good;
  return verdict === 'unhealthy' ? paints.bad : paints.warning;
}
