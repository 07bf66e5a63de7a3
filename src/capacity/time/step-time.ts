import type { TimeConstants } from '../../catalog/index.ts';
import { communicationSeconds } from './communication.ts';
import { type DecodeWork, decodeWork, type Placement, prefillFlops } from './step-work.ts';
import { waveWaitSeconds } from './wave-wait.ts';
import { tokensPerStep, type Workload } from './workload.ts';

/**
 * Share of the BF16 peak that attention kernels reach in decode.
 *
 * @source FlashMLA README on H800: 660 of 989 TF dense, 410 sparse with an FP8 cache
 */
const attentionEfficiency = { dense: 0.67, sparse: 0.41 };

/** Share of the peak that matrix multiplications of a decode step reach; a prior, 0.6 to 0.75. */
const linearEfficiency = 0.6;

/**
 * Longer steps for each doubling of pipeline stages: stages of unequal length wait for each other,
 * and prompts stall them. Assumed, not measured.
 */
const pipelineStall = 0.25;

/** Memory efficiency used to see whether attention is bound by its reads or by its operations. */
const nominalMemoryEfficiency = 0.8;

/** Parts of the time of one output token and of the first one; seconds at efficiency 1. */
export interface TimeParts {
  /** Bytes of a decode step over peak bandwidth. */
  readonly memorySeconds: number;
  /** What does not depend on the fitted constants: collectives, and operations beyond reads. */
  readonly extraSeconds: number;
  /** Prefill of one prompt over the peak rate of the devices that share it. */
  readonly prefillSeconds: number;
  /** Prompts prefilled while one sequence produces one token. */
  readonly prefillsPerToken: number;
  readonly tokensPerStep: number;
  /** Sequences of one data rank. */
  readonly sequencesPerRank: number;
}

/** Splits a workload on a placement into the parts that constants turn into time. */
export function timeParts(placement: Placement, workload: Workload): TimeParts {
  const { model, accelerator, layout } = placement;
  const { mtpTokens = 0, draftAcceptance = 0.8, prefixHitRatio = 0 } = workload;
  const { peak } = accelerator;
  // A pipeline serves its batch in as many parts as it has stages.
  const sequences = Math.max(1, workload.concurrency / layout.pipeline);
  const work = decodeWork(placement, {
    sequences,
    tokensPerSequence: 1 + mtpTokens,
    positionTokens: workload.inputTokens + workload.outputTokens / 2,
  });
  const newTokens = workload.inputTokens * (1 - prefixHitRatio);
  const flops = prefillFlops(model, newTokens, workload.inputTokens);
  const stall = 1 + pipelineStall * Math.log2(layout.pipeline);
  const sequencesPerRank = workload.concurrency / layout.data;
  return {
    memorySeconds: (stall * (work.weightBytes + work.kvBytes)) / peak.memoryBytesPerSecond,
    extraSeconds:
      communicationSeconds(placement, sequences * (1 + mtpTokens)) +
      stall * secondsBeyondReads(placement, work),
    prefillSeconds: (stall * flops) / (matrixRate(placement) * layout.tensor * layout.pipeline),
    prefillsPerToken: sequencesPerRank / workload.outputTokens,
    tokensPerStep: tokensPerStep(mtpTokens, draftAcceptance),
    sequencesPerRank,
  };
}

function matrixRate({ model, accelerator: { peak } }: Placement): number {
  return model.weightFormat === 'bf16' ? peak.bf16Flops : peak.eightBitFlops;
}

/** Time operations take beyond the reads they overlap with, of attention and of matrices. */
function secondsBeyondReads(placement: Placement, work: DecodeWork): number {
  const { peak } = placement.accelerator;
  const kind = placement.model.architecture.indexer === undefined ? 'dense' : 'sparse';
  const reads = (bytes: number) => bytes / (nominalMemoryEfficiency * peak.memoryBytesPerSecond);
  const attention = work.attentionFlops / (attentionEfficiency[kind] * peak.bf16Flops);
  const linear = work.linearFlops / (linearEfficiency * matrixRate(placement));
  return (
    Math.max(0, attention - reads(work.kvBytes)) + Math.max(0, linear - reads(work.weightBytes))
  );
}

/** Seconds of one decode step without the prefills between steps. */
export function stepSeconds(parts: TimeParts, constants: TimeConstants, drafts: number): number {
  const plain =
    constants.stepMs / 1e3 + parts.memorySeconds / constants.memoryEfficiency + parts.extraSeconds;
  // Each draft is one layer of 61 and its own launches.
  return plain * (1 + 0.05 * drafts);
}

/** Seconds between two output tokens of one sequence, the prefills of others included. */
export function outputTokenSeconds(
  parts: TimeParts,
  constants: TimeConstants,
  drafts: number,
): number {
  const step = stepSeconds(parts, constants, drafts);
  const interference =
    (parts.prefillsPerToken * parts.prefillSeconds) / constants.prefillEfficiency;
  return step / parts.tokensPerStep + interference;
}

/** Seconds from arrival to the first token. */
export function firstTokenSeconds(
  parts: TimeParts,
  constants: TimeConstants,
  workload: Workload,
): number {
  const drafts = workload.mtpTokens ?? 0;
  const service = parts.prefillSeconds / constants.prefillEfficiency;
  return (
    constants.firstTokenMs / 1e3 +
    service +
    constants.firstTokenSteps * stepSeconds(parts, constants, drafts) +
    waveWait(parts, constants, workload)
  );
}

/** Wait for the prompts of other requests of the same data rank. */
export function waveWait(parts: TimeParts, constants: TimeConstants, workload: Workload): number {
  const drafts = workload.mtpTokens ?? 0;
  const runSeconds = workload.outputTokens * outputTokenSeconds(parts, constants, drafts);
  const service = parts.prefillSeconds / constants.prefillEfficiency;
  return waveWaitSeconds(
    parts.sequencesPerRank,
    service,
    (workload.lengthSpread ?? 0.2) * runSeconds,
  );
}
