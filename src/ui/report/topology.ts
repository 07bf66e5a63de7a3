import { placedOf, type ReportFacts } from '../../actions/evidence/report-facts.ts';
import {
  type GroupHealth,
  type HealthCause,
  isCounted,
  type PodHealth,
  parseRanks,
  type Verdict,
  verdictOfOutcome,
  worstVerdict,
} from '../../health/index.ts';
import type { PlacedGroup, PodLayout } from '../../layout/index.ts';
import { type Html, html } from './html.ts';
import { verdictBadge } from './verdict-badge.ts';

/** Groups, their copies, the pods of each on their nodes, and every rank, coloured by verdict. */
export function topologySection(facts: ReportFacts): Html {
  const groups = facts.report.groups.map((group) => groupBlock(group, facts));
  return html`<section aria-labelledby="topology"><h2 id="topology">Topology</h2>${groups}</section>`;
}

function groupBlock(group: GroupHealth, facts: ReportFacts): Html {
  const placed = placedOf(facts, group.group);
  const copies = [...new Set(group.pods.map(({ groupIndex }) => groupIndex))].toSorted(
    (a, b) => a - b,
  );
  const { cause } = facts.report;
  const faults = faultsOf(group);
  return html`<article class="group">
<h3>${group.group} ${verdictBadge(group.verdict)}</h3>
<p class="muted">${shapeText(group, placed)}</p>
${copies.map((index) => copyBlock(group, { index, placed, cause, faults }))}
</article>`;
}

function shapeText(
  { readyReplicas, replicas }: GroupHealth,
  placed: PlacedGroup | undefined,
): string {
  const ready = `${String(readyReplicas)} of ${String(replicas)} ready`;
  if (placed === undefined) return `${ready}; the layout has no place for it`;
  const { tensor, data, pipeline, expert } = placed.parallelism;
  const parts = [
    `tensor ${String(tensor)}`,
    `data ${String(data)}`,
    ...(pipeline === 1 ? [] : [`pipeline ${String(pipeline)}`]),
    ...(expert ? ['experts spread'] : []),
  ];
  const pods = `${String(placed.podsPerGroup)} x ${String(placed.devicesPerPod)} ${placed.pool.accelerator}`;
  return `${ready}; ${pods}, ${parts.join(', ')}; ${placed.spec.engine} ${placed.spec.release}`;
}

/** What a check found at some ranks of one copy of a group; Kubernetes does not see it. */
interface RankFault {
  readonly groupIndex: number;
  readonly ranks: ReadonlySet<number>;
  readonly verdict: Verdict;
  readonly id: string;
}

/** Checks of endpoints that did not pass: a rank that hangs sits in a pod that is Ready. */
function faultsOf({ checks, pods }: GroupHealth): readonly RankFault[] {
  return checks
    .filter(isCounted)
    .filter(({ outcome }) => outcome === 'failed' || outcome === 'unknown')
    .flatMap(({ id, subject, ranks, outcome }) => {
      const pod = pods.find(
        ({ name }) => subject.startsWith('Pod/') && subject.endsWith(`/${name}`),
      );
      if (pod === undefined) return [];
      const at = new Set(parseRanks(ranks ?? pod.ranks));
      const { groupIndex } = pod;
      return [{ groupIndex, ranks: at, verdict: verdictOfOutcome(outcome), id }];
    });
}

interface CopyView {
  readonly faults: readonly RankFault[];
  readonly index: number;
  readonly placed: PlacedGroup | undefined;
  readonly cause: HealthCause | undefined;
}

function copyBlock({ pods }: GroupHealth, view: CopyView): Html {
  const { index } = view;
  const own = pods.filter(({ groupIndex }) => groupIndex === index);
  const title = index < 0 ? 'Pods the layout does not know' : `Copy ${String(index)}`;
  return html`<h4>${title}</h4><ul class="pods">${own.map((pod) => podCard(pod, view))}</ul>`;
}

function podCard(pod: PodHealth, { placed, cause, faults }: CopyView): Html {
  const blamed = cause?.subject.endsWith(`/${pod.name}`) === true;
  const layout = placed?.pods.find(({ index }) => index === pod.workerIndex);
  const restarts = pod.restarts === 0 ? '' : `; restarts: ${String(pod.restarts)}`;
  const ranks = layout?.ranks.map(({ rank }) => rank) ?? [];
  const own = faults.filter(
    (fault) => fault.groupIndex === pod.groupIndex && ranks.some((rank) => fault.ranks.has(rank)),
  );
  const verdict = worstVerdict([pod.verdict, ...own.map((fault) => fault.verdict)]);
  const ids = [...new Set(own.map(({ id }) => id))];
  const checks = ids.length === 0 ? '' : `; not passed: ${ids.join(', ')}`;
  return html`<li class="pod ${verdict}${blamed ? ' blamed' : ''}">
<p class="pod-name"><b>${pod.name}</b> ${verdictBadge(verdict)}</p>
<p class="muted">${pod.node === undefined ? 'on no node' : `node ${pod.node}`}${
    pod.workerIndex === 0 ? '; leader' : ''
  }</p>
<p>${pod.detail}${restarts}${checks}</p>
${blamed ? html`<p class="first"><b>First cause</b></p>` : undefined}
${layout === undefined ? undefined : rankList(layout, pod, own)}
</li>`;
}

function rankList({ ranks }: PodLayout, pod: PodHealth, faults: readonly RankFault[]): Html {
  const [first] = ranks;
  const last = ranks.at(-1);
  if (first === undefined || last === undefined) return html``;
  const verdictOf = (rank: number): Verdict =>
    worstVerdict([
      pod.verdict,
      ...faults.filter((fault) => fault.ranks.has(rank)).map(({ verdict }) => verdict),
    ]);
  const cells = ranks.map(
    ({ rank, device, dataRank, tensorRank }) =>
      html`<li class="${verdictOf(rank)}" title="rank ${rank}: ${verdictOf(rank)}, device ${device}, data ${dataRank}, tensor ${tensorRank}">${rank}</li>`,
  );
  const bad = ranks.filter(({ rank }) => verdictOf(rank) === 'unhealthy').map(({ rank }) => rank);
  const worst = bad.length === 0 ? pod.verdict : `unhealthy: ${bad.join(', ')}`;
  const label = `Ranks ${String(first.rank)} to ${String(last.rank)}, ${worst}`;
  return html`<ul class="ranks" aria-label="${label}">${cells}</ul>`;
}
