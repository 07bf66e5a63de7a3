/** A fact from the cluster, or why it could not be read: absence of a fact is never a pass. */
export type Reading<T> =
  | { readonly kind: 'read'; readonly value: T }
  | { readonly kind: 'unreadable'; readonly reason: string };
