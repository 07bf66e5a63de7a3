import pLimit from 'p-limit';

import type { ApiClient, ApiObject } from './api-client.ts';
import { resourcePath } from './resource-path.ts';

/** Requests in flight; the API server of a laptop is not faster with more. */
const concurrency = 8;

/** Applies objects in parallel; they must not depend on each other. */
export async function applyObjects(
  client: ApiClient,
  objects: readonly ApiObject[],
): Promise<void> {
  const limit = pLimit(concurrency);
  await Promise.all(
    objects.map((object) =>
      limit(() => client.apply(resourcePath(object.kind ?? '', object.metadata.namespace), object)),
    ),
  );
}
