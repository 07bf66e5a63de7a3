/** The name of an item, or for a command line the flag before it. */
export function labelOf(list: readonly unknown[], position: number): string | undefined {
  const name = nameOf(list[position]);
  if (name !== undefined) return name;
  const previous = list[position - 1];
  return typeof previous === 'string' && /^-[^=]*$/.test(previous) ? previous : undefined;
}

/** The `name` of an item that has one. */
export function nameOf(item: unknown): string | undefined {
  if (typeof item !== 'object' || item === null || !('name' in item)) return undefined;
  return typeof item.name === 'string' ? item.name : undefined;
}
