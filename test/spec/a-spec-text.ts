import { readFileSync } from 'node:fs';
import { parseSpec, type Spec, type SpecIssue } from '../../src/spec/index.ts';

/** Text of a template of the repository. */
export function templateText(name: string): string {
  return readFileSync(new URL(`../../templates/${name}`, import.meta.url), 'utf8');
}

/** A valid spec on two nodes, with each `[what is written, what to write instead]` replaced. */
export function aSpecText(...changes: readonly (readonly [string, string])[]): string {
  return changes.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`The spec of the tests has no "${from}"`);
    return text.replace(from, to);
  }, validText);
}

/** The issues of a text that is refused. */
export function issuesOf(text: string): readonly SpecIssue[] {
  const result = parseSpec(text, { fileName: 'dsdeploy.yaml' });
  if (result.kind === 'spec') throw new Error('The spec was accepted');
  return result.issues;
}

/** The spec of a text that is accepted. */
export function specOf(text: string): Spec {
  const result = parseSpec(text, { fileName: 'dsdeploy.yaml' });
  if (result.kind === 'issues') throw new Error(JSON.stringify(result.issues, null, 2));
  return result.spec;
}

const validText = `apiVersion: dsdeploy/v1
name: deepseek
model:
  id: deepseek-ai/DeepSeek-V3.2
  weights:
    pvc: { claimName: weights }
    readBandwidth: 2GB/s
pools:
  h200:
    accelerator: h200
    nodes: 2
    nodeSelector: { nvidia.com/gpu.product: NVIDIA-H200 }
    pod: { cpu: 32, memory: 512Gi, ephemeralStorage: 100Gi, sharedMemory: 32Gi }
    fabric:
      socketInterface: eth0
      rdma: { resource: rdma/shared, count: 1, linkLayer: infiniband }
groups:
  - name: main
    engine: vllm
    release: 0.33.0
    pool: h200
    nodes: 2
    parallelism: { tensor: 1, data: 16, expert: true }
api:
  keySecret: { name: deepseek-api-key, key: api-key }
`;
