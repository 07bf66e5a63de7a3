export { main } from './main.ts';
export { createProcessContext } from './process-context.ts';
