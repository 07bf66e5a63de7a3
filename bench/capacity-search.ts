/**
 * Prints how long a layout search takes, in CPU time and on the clock: under 300 ms for 4 nodes and
 * 2 s for 64. The first one also warms up.
 *
 *     node bench/capacity-search.ts
 */
import { type Candidate, fitRank, searchLayouts } from '../src/capacity/index.ts';
import { findAccelerator, findMemoryBehaviour, findModel } from '../src/catalog/index.ts';

const model = findModel('deepseek-ai/DeepSeek-V3.2');
const accelerator = findAccelerator('h200');
const behaviour = findMemoryBehaviour('vllm', '0.33.0');

function isLegal({ layout, nodesPerGroup, mtpTokens }: Candidate): boolean {
  const ways = layout.tensor * layout.data;
  const experts = layout.expert ? 256 % ways === 0 : 2048 / ways >= 128;
  const drafts = layout.pipeline === 1 || mtpTokens === 0;
  const insideNode = layout.tensor * layout.pipeline <= 8 && layout.data % nodesPerGroup === 0;
  return experts && drafts && insideNode;
}

if (model !== undefined && accelerator !== undefined && behaviour !== undefined) {
  for (const nodes of [1, 4, 16, 64]) {
    const start = performance.now();
    const cpu = process.cpuUsage();
    const result = searchLayouts({
      engine: 'vllm',
      model,
      accelerator,
      nodes,
      devicesPerNode: 8,
      kvLayouts: ['bf16', 'fp8-ds-mla'],
      mtpTokens: [0, 1, 2, 3],
      fit: fitRank,
      fitSettings: {
        utilization: 0.92,
        contextTokens: 131_072,
        blockTokens: 64,
        step: { behaviour, batchedTokens: 8192 },
      },
      isLegal,
      workload: { inputTokens: 1024, outputTokens: 1024 },
      objective: { kind: 'throughput' },
    });
    const { user, system } = process.cpuUsage(cpu);
    const used = ((user + system) / 1e3).toFixed(0);
    const clock = (performance.now() - start).toFixed(0);
    console.log(
      `${nodes} nodes: ${used} ms of CPU, ${clock} ms on the clock, ${JSON.stringify(result.counts)}`,
    );
  }
}
