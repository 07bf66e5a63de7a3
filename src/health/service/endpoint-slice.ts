import { z } from 'zod';
import type { Manifest } from '../../manifest/index.ts';

const endpointSlice = z.object({
  endpoints: z
    .array(
      z.object({
        addresses: z.array(z.string()).default([]),
        conditions: z
          .object({ ready: z.boolean().nullish(), terminating: z.boolean().nullish() })
          .prefault({}),
        targetRef: z.object({ kind: z.string().optional(), name: z.string().optional() }).nullish(),
      }),
    )
    .nullish(),
  ports: z.array(z.object({ name: z.string().nullish(), port: z.int().nullish() })).nullish(),
});

/** One address a Service hands requests to. */
export interface ServiceEndpoint {
  /** Name of the pod behind it; the address when it is none. */
  readonly target: string;
  readonly ports: readonly number[];
}

/** Endpoints that get requests: the ready ones, and unready ones a Service was told to publish. */
export function readEndpoints(slices: readonly Manifest[]): readonly ServiceEndpoint[] | undefined {
  const endpoints = new Map<string, ServiceEndpoint>();
  for (const object of slices) {
    const slice = endpointSlice.safeParse(object).data;
    if (slice === undefined) return undefined;
    const ports = (slice.ports ?? []).flatMap(({ port }) => port ?? []);
    for (const { addresses, conditions, targetRef } of slice.endpoints ?? []) {
      // The API counts a missing condition as ready.
      if (conditions.ready === false) continue;
      const target = targetRef?.kind === 'Pod' ? (targetRef.name ?? '') : addresses.join(',');
      const known = endpoints.get(target)?.ports ?? [];
      endpoints.set(target, { target, ports: [...new Set([...known, ...ports])] });
    }
  }
  return [...endpoints.values()].toSorted((a, b) => a.target.localeCompare(b.target));
}
