import { subscribe } from 'node:diagnostics_channel';

interface WireRequest {
  readonly method: string;
  readonly path: string;
}

/** What this process has sent, retries and discovery included, as the HTTP client tells it. */
export class Wire {
  requests = 0;
  /** Paths of writes that were no dry-run, with their method. */
  readonly writes: string[] = [];
  /** The most watches that were open at one time for one kind in one namespace. */
  maxWatches = 0;
  /** Watches that were opened. */
  watches = 0;
  readonly #open = new Map<WireRequest, string>();

  constructor() {
    subscribe('undici:request:create', (message) => {
      this.#begin(requestOf(message));
    });
    for (const end of ['undici:request:trailers', 'undici:request:error']) {
      subscribe(end, (message) => {
        this.#open.delete(requestOf(message));
      });
    }
  }

  #begin(request: WireRequest): void {
    this.requests += 1;
    const [path = '', query = ''] = request.path.split('?');
    const isReview = path.endsWith('reviews');
    if (request.method !== 'GET' && !isReview && !query.includes('dryRun='))
      this.writes.push(`${request.method} ${path}`);
    if (!query.includes('watch=true')) return;
    this.watches += 1;
    this.#open.set(request, path);
    const same = [...this.#open.values()].filter((one) => one === path).length;
    this.maxWatches = Math.max(this.maxWatches, same);
  }
}

function requestOf(message: unknown): WireRequest {
  return (message as { readonly request: WireRequest }).request;
}
