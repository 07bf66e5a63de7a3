/**
 * Keeps V8 from growing the space of young objects. Answers of an API server are garbage a moment later,
 * and V8 would rather take 50 MB than collect them often; measured with `bench/apply.ts`, it costs no
 * time.
 */
export function keepHeapSmall(): void {
  // Loaded here, since few commands need it and it brings the whole of worker threads.
  process.getBuiltinModule('node:v8').setFlagsFromString('--semi-space-growth-factor=1');
}
