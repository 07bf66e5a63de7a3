import type { ListOptions, LiveObject } from './cluster.ts';
import type { ClusterIo } from './cluster-io.ts';
import { type ApiResource, pathOf } from './discovery.ts';
import { isObject, toLiveObject } from './live-object.ts';
import { BadReplyError, StatusError } from './transport/status-error.ts';

const pageSize = 500;

/** How often a list whose continue token expired is begun anew in pages before one large read. */
const maxPagedTries = 3;

export interface ObjectList {
  readonly items: readonly LiveObject[];
  /** Of the whole list, to start a watch from. */
  readonly resourceVersion: string;
}

/**
 * Lists in pages. When the continue token expires half-way the pages would no longer be one moment
 * in time, so the list begins anew; a cluster that changes too fast for pages is read in one piece.
 */
export async function listObjects(
  io: ClusterIo,
  resource: ApiResource,
  options: ListOptions & { readonly signal?: AbortSignal },
): Promise<ObjectList> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await listPages(io, resource, options, tries > maxPagedTries ? undefined : pageSize);
    } catch (error) {
      if (!isExpired(error) || tries > maxPagedTries) throw error;
    }
  }
}

/** Whether the server no longer has the state that was asked for. */
export function isExpired(error: unknown): boolean {
  if (!(error instanceof StatusError)) return false;
  return error.httpStatus === 410 || error.reason === 'Expired' || error.reason === 'Gone';
}

async function listPages(
  io: ClusterIo,
  resource: ApiResource,
  options: ListOptions & { readonly signal?: AbortSignal },
  limit: number | undefined,
): Promise<ObjectList> {
  const items: LiveObject[] = [];
  let next: string | undefined;
  for (;;) {
    const { value } = await io.transport.json({
      method: 'GET',
      path: pathOf(resource, options),
      query: {
        labelSelector: options.labelSelector,
        fieldSelector: options.fieldSelector,
        limit: limit?.toString(),
        continue: next,
      },
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const page = readPage(value, resource);
    for (const item of page.items) items.push(item);
    if (page.next === '') return { items, resourceVersion: page.resourceVersion };
    next = page.next;
  }
}

function readPage(value: unknown, { apiVersion, kind }: ApiResource) {
  if (!isObject(value) || !isObject(value['metadata'])) {
    throw new BadReplyError('a list was expected');
  }
  const { items = [], metadata } = value;
  const { resourceVersion = '', continue: next = '' } = metadata;
  if (typeof resourceVersion !== 'string' || typeof next !== 'string') {
    throw new BadReplyError('the metadata of the list is not what a list has');
  }
  // Go servers write an empty list as null here and there.
  const list: unknown = items ?? [];
  if (!Array.isArray(list)) throw new BadReplyError('a list of items was expected');
  return {
    // Items of a built-in kind come without apiVersion and kind.
    items: list.map((item: unknown) =>
      toLiveObject(isObject(item) ? { apiVersion, kind, ...item } : item),
    ),
    resourceVersion,
    next,
  };
}
