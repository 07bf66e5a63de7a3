export { compareAtOneVersion } from './at-one-version.ts';
export { forEachBounded } from './for-each-bounded.ts';
export { createReader, type ReadObject } from './object-reader.ts';
export { readInventory } from './read-inventory.ts';
export { readObjects } from './read-objects.ts';
export { renderInventory } from './render-inventory.ts';
export { writeInventory } from './write-inventory.ts';
