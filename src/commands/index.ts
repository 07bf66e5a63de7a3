export { main } from './main.ts';
export { createProcessContext } from './process/process-context.ts';
