/** Writable directory of the container for everything the engine compiles or caches. */
export const cacheDirectory = '/cache';
