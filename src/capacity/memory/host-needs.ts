import type { ModelRow } from '../../catalog/index.ts';
import { gibibyte } from '../../units/index.ts';
import { checkpointBytes } from './weights.ts';

/** What one pod needs beside its devices; bytes, and a label as for device memory. */
export interface HostNeed {
  readonly name:
    | 'memory'
    | 'page-cache'
    | 'volume'
    | 'shared-memory'
    | 'ephemeral-storage'
    | 'image-disk'
    | 'rdma-devices';
  /** Bytes, or a count for devices. */
  readonly amount: number;
  /** `required` or it does not start; `advised` or it starts slowly. */
  readonly kind: 'required' | 'advised';
  readonly label: 'exact' | 'assumed';
  readonly source: string;
}

export interface HostQuestion {
  readonly model: ModelRow;
  readonly devicesPerPod: number;
  readonly podsPerGroup: number;
}

/** Resident memory of one rank's process without weights; not measured here. */
const processBytes = 10 * gibibyte;

/** Checkpoints come with tokenizer and index files, and a second revision may be half downloaded. */
const volumeSlack = 1.05;

/** Compiled kernels, graphs and logs of one pod; not measured here. */
const scratchBytes = 20e9;

/** Engine images bring the vendor's whole software stack; not measured here. */
const imageBytes = 30e9;

/** Host resources that people forget and a start fails or crawls without. */
export function hostNeeds({ model, devicesPerPod, podsPerGroup }: HostQuestion): HostNeed[] {
  const checkpoint = checkpointBytes(model);
  const processes = devicesPerPod * processBytes;
  return [
    {
      name: 'memory',
      amount: processes,
      kind: 'required',
      label: 'assumed',
      source: '10 GiB per rank for the process, its libraries and pinned buffers',
    },
    {
      name: 'page-cache',
      amount: processes + checkpoint,
      kind: 'advised',
      label: 'exact',
      source: 'every rank of a node walks through the whole checkpoint; cached, it is read once',
    },
    {
      name: 'volume',
      amount: Math.ceil(checkpoint * volumeSlack),
      kind: 'required',
      label: 'exact',
      source: `${model.source}; 5 % on top`,
    },
    {
      name: 'shared-memory',
      amount: 2 * gibibyte * devicesPerPod,
      kind: 'required',
      label: 'assumed',
      source: '2 GiB per rank for collectives inside a node; llm-d uses 64 GiB for eight ranks',
    },
    {
      name: 'ephemeral-storage',
      amount: scratchBytes,
      kind: 'required',
      label: 'assumed',
      source: 'compile caches and logs of one pod; the image is kept elsewhere',
    },
    {
      name: 'image-disk',
      amount: imageBytes,
      kind: 'advised',
      label: 'assumed',
      source: 'one unpacked engine image on the disk of the container runtime of every node',
    },
    ...(podsPerGroup > 1 ? [rdmaNeed()] : []),
  ];
}

function rdmaNeed(): HostNeed {
  return {
    name: 'rdma-devices',
    amount: 1,
    kind: 'advised',
    label: 'exact',
    source: 'a group over several nodes sends expert traffic between them: TCP limits it',
  };
}
