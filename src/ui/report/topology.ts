import { placedOf, type ReportFacts } from '../../actions/evidence/report-facts.ts';
import type { GroupHealth, HealthCause, PodHealth } from '../../health/index.ts';
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
  return html`<article class="group">
<h3>${group.group} ${verdictBadge(group.verdict)}</h3>
<p class="muted">${shapeText(group, placed)}</p>
${copies.map((index) => copyBlock(group, { index, placed, cause }))}
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

interface CopyView {
  readonly index: number;
  readonly placed: PlacedGroup | undefined;
  readonly cause: HealthCause | undefined;
}

function copyBlock({ pods }: GroupHealth, { index, placed, cause }: CopyView): Html {
  const own = pods.filter(({ groupIndex }) => groupIndex === index);
  const title = index < 0 ? 'Pods the layout does not know' : `Copy ${String(index)}`;
  return html`<h4>${title}</h4><ul class="pods">${own.map((pod) => podCard(pod, placed, cause))}</ul>`;
}

function podCard(
  pod: PodHealth,
  placed: PlacedGroup | undefined,
  cause: HealthCause | undefined,
): Html {
  const blamed = cause?.subject.endsWith(`/${pod.name}`) === true;
  const layout = placed?.pods.find(({ index }) => index === pod.workerIndex);
  const restarts = pod.restarts === 0 ? '' : `; restarts: ${String(pod.restarts)}`;
  return html`<li class="pod ${pod.verdict}${blamed ? ' blamed' : ''}">
<p class="pod-name"><b>${pod.name}</b> ${verdictBadge(pod.verdict)}</p>
<p class="muted">${pod.node === undefined ? 'on no node' : `node ${pod.node}`}${
    pod.workerIndex === 0 ? '; leader' : ''
  }</p>
<p>${pod.detail}${restarts}</p>
${blamed ? html`<p class="first"><b>First cause</b></p>` : undefined}
${layout === undefined ? undefined : rankList(layout, pod)}
</li>`;
}

function rankList({ ranks }: PodLayout, pod: PodHealth): Html {
  const [first] = ranks;
  const last = ranks.at(-1);
  if (first === undefined || last === undefined) return html``;
  const cells = ranks.map(
    ({ rank, device, dataRank, tensorRank }) =>
      html`<li title="rank ${rank}: device ${device}, data ${dataRank}, tensor ${tensorRank}">${rank}</li>`,
  );
  const label = `Ranks ${String(first.rank)} to ${String(last.rank)}, ${pod.verdict}`;
  return html`<ul class="ranks" aria-label="${label}">${cells}</ul>`;
}
