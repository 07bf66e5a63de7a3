import {
  formatParallelism,
  type GroupLayout,
  type Layout,
  type Note,
  type PlacedGroup,
  type Reason,
  type RefusedGroup,
  type StartupBudget,
} from '../../layout/index.ts';
import { formatGb, formatNouns, formatSeconds } from '../../units/index.ts';
import { fields, joinBlocks, paragraph } from '../block.ts';
import { formatNumberRanges } from '../number-ranges.ts';
import type { Style } from '../style.ts';
import { table } from '../table.ts';
import { kvCapacityRows, renderMemory } from './memory.ts';

/** Renders who runs what, where and with what memory, or why a group cannot. */
export function renderLayout(layout: Layout, style: Style): string {
  return joinBlocks([...layoutBlocks(layout, style), verdictLine(layout, style)]);
}

/** The blocks of a layout, for a plan to embed. */
export function layoutBlocks(layout: Layout, style: Style): string[][] {
  return layout.groups.flatMap((group) => groupBlocks(group, layout, style));
}

function groupBlocks(group: GroupLayout, layout: Layout, style: Style): string[][] {
  return group.kind === 'placed'
    ? placedBlocks(group, layout, style)
    : refusedBlocks(group, layout, style);
}

function placedBlocks(group: PlacedGroup, layout: Layout, style: Style): string[][] {
  return [
    [
      ...title(group.name, 'fits', { style, good: true }),
      ...fields(
        [
          ['model', layout.spec.model.id],
          ['engine', `${group.spec.engine} ${group.spec.release}`],
          ['image', group.image],
          ['pool', poolText(group)],
          ['shape', shapeText(group)],
          ['parallel', parallelText(group)],
        ],
        { style },
      ),
    ],
    podTable(group, style),
    renderMemory(group.memory, style),
    fields([...kvCapacityRows(group.memory), ...startupRows(group.startup)], { style }),
    warningsFirst(group.notes).flatMap((note) => noteLines(note, style)),
  ];
}

function refusedBlocks(group: RefusedGroup, layout: Layout, style: Style): string[][] {
  return [
    [
      ...title(group.name, refusalText(group), { style, good: false }),
      ...fields(
        [
          ['model', layout.spec.model.id],
          ['engine', `${group.spec.engine} ${group.spec.release}`],
          ['pool', group.spec.pool],
        ],
        { style },
      ),
    ],
    // Beside a rule that has nothing to do with memory the arithmetic would only hide it.
    group.memory === undefined || !lacksMemory(group) ? [] : renderMemory(group.memory, style),
    ...group.reasons.map((reason) => reasonLines(reason, style)),
  ];
}

/** A group that replays a published log is shown, and nobody asks it to run. */
function refusalText(group: RefusedGroup): string {
  const replays = group.reasons.every(({ code }) => code === 'LAYOUT_REPLAY_ONLY');
  if (replays) return 'replays a log';
  return lacksMemory(group) ? 'does not fit' : 'refused';
}

function lacksMemory({ memory }: RefusedGroup): boolean {
  return memory?.binding !== undefined;
}

interface TitleOptions {
  readonly style: Style;
  readonly good: boolean;
}

function title(name: string, verdict: string, { style, good }: TitleOptions): string[] {
  const { heading, good: green, bad } = style.paints;
  return [`${heading(`Group ${name}`)}: ${good ? green(verdict) : bad(verdict)}`];
}

function reasonLines({ code, message, hint, source }: Reason, style: Style): string[] {
  const { bad, muted } = style.paints;
  return [
    ...paragraph(message, { style, indent: 2, lead: `${code}  `, paintLead: bad }),
    ...paragraph(hint, { style, indent: 4, lead: `${style.symbols.arrow} ` }),
    ...paragraph(`source: ${source}`, { style, indent: 4, paint: muted }),
  ];
}

function warningsFirst(notes: readonly Note[]): Note[] {
  const rank = ({ level }: Note) => (level === 'warning' ? 0 : 1);
  return notes.toSorted((a, b) => rank(a) - rank(b));
}

function noteLines({ level, message, code, unverified }: Note, style: Style): string[] {
  const isWarning = level === 'warning';
  const paintLead = isWarning ? style.paints.warning : style.paints.muted;
  const known = isWarning ? 'warning  ' : 'note     ';
  const lead = unverified === true ? 'unproven ' : known;
  return paragraph(`${message} (${code})`, { style, indent: 2, lead, paintLead });
}

function poolText({ pool, spec, podsPerGroup }: PlacedGroup): string {
  const used = podsPerGroup * spec.replicas;
  const node = `${String(pool.devicesPerNode)} x ${pool.accelerator}`;
  return `${pool.name}: ${String(used)} of ${formatNouns(pool.nodes, 'node')} with ${node}`;
}

function shapeText({ spec, podsPerGroup, devicesPerPod }: PlacedGroup): string {
  const devices = podsPerGroup * devicesPerPod * spec.replicas;
  const pods = formatNouns(podsPerGroup, 'pod');
  return `${formatNouns(spec.replicas, 'copy', 'copies')} of ${pods}, ${formatNouns(devicesPerPod, 'device')} per pod: ${formatNouns(devices, 'device')}`;
}

function parallelText({ parallelism, chosenBy }: PlacedGroup): string {
  const by = chosenBy === 'auto' ? 'chosen by dsdeploy' : 'as the spec says';
  return `${formatParallelism(parallelism)} (${by})`;
}

function podTable(group: PlacedGroup, style: Style): string[] {
  const columns = [
    { header: 'pod' },
    { header: 'role' },
    { header: 'ranks' },
    { header: 'devices' },
  ];
  const rows = group.pods.map(({ index, role, ranks }) =>
    [
      `${group.objectName}-<copy>${index === 0 ? '' : `-${String(index)}`}`,
      role,
      formatNumberRanges(ranks.map(({ rank }) => rank)),
      formatNumberRanges(ranks.map(({ device }) => device)),
    ].map((text) => ({ text })),
  );
  return table({ columns, rows }, { style });
}

function startupRows(startup: StartupBudget): (readonly [label: string, value: string])[] {
  const { readBytesPerNode, readBytesPerSecond, loadSeconds, warmUpSeconds } = startup;
  const rate = `${formatGb(readBytesPerSecond)}/s (readBandwidth)`;
  const load = `load ${formatGb(readBytesPerNode)} per node at ${rate} = ${formatSeconds(loadSeconds)}`;
  return [
    ['start-up', `${load}, then kernels and graphs ${formatSeconds(warmUpSeconds)} (assumed)`],
    ['', `probes and time-outs allow ${budgetArithmetic(startup)}`],
  ];
}

function budgetArithmetic(startup: StartupBudget): string {
  const { loadSeconds, warmUpSeconds, safetyFactor, minimumSeconds, budgetSeconds } = startup;
  const sum = `${safetyFactor} x (${formatSeconds(loadSeconds)} + ${formatSeconds(warmUpSeconds)})`;
  const needed = safetyFactor * (loadSeconds + warmUpSeconds);
  const budget = formatSeconds(budgetSeconds);
  if (needed >= minimumSeconds) return `${budget}: ${sum}`;
  return `${budget}, the minimum: ${sum} = ${formatSeconds(needed)} is less`;
}

function verdictLine({ fits, groups }: Layout, style: Style): string[] {
  const { good, bad } = style.paints;
  if (fits) return [good(`Fits: ${formatNouns(groups.length, 'group')} placed.`)];
  const refused = groups.filter((group) => group.kind === 'refused');
  const lines = [
    { verdict: 'Does not fit', names: namesOf(refused.filter(lacksMemory)) },
    { verdict: 'Refused', names: namesOf(refused.filter((group) => !lacksMemory(group))) },
  ];
  return lines
    .filter(({ names }) => names !== '')
    .map(({ verdict, names }) => bad(`${verdict}: ${names}.`));
}

function namesOf(groups: readonly GroupLayout[]): string {
  return groups.map(({ name }) => name).join(', ');
}
