/** One request, from the moment it comes until the simulator has counted it. */
export interface RankRequest {
  readonly rank: number;
}

/** Names of samples that only grow; of vLLM's others each tells of the present. */
const growing = /_(?:total|bucket|count|sum)$/;
const successes = 'vllm:request_success_total';
const byRequest = new Set(['vllm:num_requests_running', 'vllm:num_requests_waiting']);

const sampleLine = /^(vllm:\w+)(?:\{(.*)\})? (\S+)$/;

/**
 * Tells the metrics of a simulator apart by data-parallel rank, as vLLM does. The simulator counts for
 * all ranks in one, a whole request at its end.
 *
 * A request belongs to the rank at the place its header names, else to the next in turn. What the
 * simulator counted since the last page goes to the ranks of as many requests as it says have
 * succeeded, in the order in which they ended, so that the sum over ranks is always the simulator's own.
 */
export class RankMetrics {
  readonly #ranks: readonly number[];
  #turn = 0;
  readonly #running = new Set<RankRequest>();
  /** Running here, and counted already: the last of an answer is still on its way to the client. */
  readonly #countedEarly = new Set<RankRequest>();
  readonly #uncounted: RankRequest[] = [];
  /** What each series of the simulator held at the last page, and what of it is each rank's. */
  readonly #series = new Map<string, { seen: number; readonly shares: Map<number, number> }>();

  /** @param ranks Data-parallel ranks that the simulator stands for; at least one. */
  constructor(ranks: readonly number[]) {
    this.#ranks = ranks;
  }

  /**
   * @param place Of the rank among `ranks`, where the client wants a certain one.
   * @param ranks Ranks that answer where the request came in.
   */
  begin(place: number | undefined, ranks: readonly number[] = this.#ranks): RankRequest {
    const named = place === undefined ? undefined : ranks[place];
    const request = { rank: named ?? this.#nextOf(ranks) };
    this.#running.add(request);
    return request;
  }

  /** @param succeeded Whether the whole answer was sent; the simulator counts no other. */
  end(request: RankRequest, succeeded: boolean): void {
    this.#running.delete(request);
    const wasCounted = this.#countedEarly.delete(request);
    if (succeeded && !wasCounted) this.#uncounted.push(request);
  }

  /** The page of a server that answers for `ranks`. */
  page(exposition: string, ranks: readonly number[] = this.#ranks): string {
    const lines = exposition.split('\n').map((line) => ({ line, sample: readSample(line) }));
    const succeeded = lines.flatMap(({ sample }) => (sample?.name === successes ? [sample] : []));
    const count = succeeded.reduce((sum, { key, value }) => sum + this.#grown(key, value), 0);
    const owners = this.#takeCounted(count).map(({ rank }) => rank);
    const holders = [...this.#running].map(({ rank }) => rank);
    return lines
      .flatMap(({ line, sample }) => {
        if (sample === undefined) return [line];
        const shares = this.#divide(sample, { owners, holders });
        return ranks.map((rank) => formatSample(sample, rank, shares(rank)));
      })
      .join('\n');
  }

  #divide(
    { name, key, value }: Sample,
    {
      owners,
      holders,
    }: { readonly owners: readonly number[]; readonly holders: readonly number[] },
  ): (rank: number) => number {
    if (byRequest.has(name)) {
      const parts = divide(value, this.#orAny(holders));
      return (rank) => parts.get(rank) ?? 0;
    }
    if (!growing.test(name)) return () => value;
    const entry = this.#series.get(key) ?? { seen: 0, shares: new Map<number, number>() };
    this.#series.set(key, entry);
    // Of two pages at once the older one may come last.
    const grown = Math.max(0, value - entry.seen);
    for (const [rank, part] of divide(grown, this.#orAny(owners))) {
      entry.shares.set(rank, (entry.shares.get(rank) ?? 0) + part);
    }
    entry.seen += grown;
    return (rank) => entry.shares.get(rank) ?? 0;
  }

  /** Requests that the simulator has counted now: those that ended, then those about to end. */
  #takeCounted(count: number): readonly RankRequest[] {
    const ended = this.#uncounted.splice(0, count);
    const early = [...this.#running]
      .filter((request) => !this.#countedEarly.has(request))
      .slice(0, count - ended.length);
    for (const request of early) this.#countedEarly.add(request);
    return [...ended, ...early];
  }

  /** Something was counted and nobody knows for whom: a request that broke off, for example. */
  #orAny(ranks: readonly number[]): readonly number[] {
    return ranks.length > 0 ? ranks : this.#ranks.slice(0, 1);
  }

  #grown(key: string, value: number): number {
    return Math.max(0, value - (this.#series.get(key)?.seen ?? 0));
  }

  #nextOf(ranks: readonly number[]): number {
    const rank = ranks[this.#turn % ranks.length] ?? 0;
    this.#turn += 1;
    return rank;
  }
}

interface Sample {
  readonly name: string;
  readonly labels: string;
  /** Name and labels. */
  readonly key: string;
  readonly value: number;
}

function readSample(line: string): Sample | undefined {
  const [, name, labels = '', value] = sampleLine.exec(line) ?? [];
  if (name === undefined || value === undefined) return undefined;
  return { name, labels, key: `${name}{${labels}}`, value: Number(value) };
}

function formatSample({ name, labels }: Sample, rank: number, value: number): string {
  const all = [`engine="${rank}"`, ...(labels === '' ? [] : [labels])].join(',');
  return `${name}{${all}} ${value}`;
}

/** Splits an amount evenly; whole amounts into whole parts. A rank that is there twice gets two. */
function divide(amount: number, ranks: readonly number[]): ReadonlyMap<number, number> {
  const isWhole = Number.isInteger(amount);
  const upTo = (count: number): number => {
    const part = (amount * count) / ranks.length;
    return isWhole ? Math.ceil(part) : part;
  };
  const parts = new Map<number, number>();
  for (const [index, rank] of ranks.entries()) {
    parts.set(rank, (parts.get(rank) ?? 0) + upTo(index + 1) - upTo(index));
  }
  return parts;
}
