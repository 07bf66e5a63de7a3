import type { ExpectedLine, HostNeed } from '../../capacity/index.ts';
import type { PlacedGroup, RefusedGroup } from '../../layout/index.ts';
import type { Parallelism, Spec } from '../../spec/index.ts';

/** A layout with the proof that it fits, or what stands against it. */
export interface Fit {
  readonly spec: Spec;
  /** Whether every group would start. */
  readonly fits: boolean;
  readonly groups: readonly FitGroup[];
  /** Name of the site profile that replaced values of the catalog. */
  readonly profile?: string;
}

/** A group of the layout with the numbers of its fit beside it. */
export type FitGroup = FitPlacedGroup | FitRefusedGroup;
export interface FitPlacedGroup extends PlacedGroup, GroupFit {}
export interface FitRefusedGroup extends RefusedGroup, GroupFit {}

/** Numbers of the fullest rank; absent where the layout is such that nothing can be computed. */
export interface GroupFit {
  /** Whether this group would start: its memory fits, and no rule stands against it. */
  readonly fits: boolean;
  /** Whether memory alone fits, also where a rule refuses the group. */
  readonly memoryFits?: boolean;
  readonly parallel?: Parallelism;
  readonly weightsBytesPerRank?: number;
  /** Bytes the engine counts for one token, all layers of the rank. */
  readonly kvBytesPerToken?: number;
  readonly kvBytesPerRank?: number;
  readonly kvTokensPerRank?: number;
  /** Over all pools of one copy of the model. */
  readonly kvTokensTotal?: number;
  /** Requests of 8K, 32K and 128K tokens that one copy holds at once. */
  readonly sequences?: SequenceCounts;
  /** The first term that does not fit. */
  readonly binding?: BindingTerm;
  /** What the engine will print about memory while it starts. */
  readonly expectedLogLines?: readonly ExpectedLine[];
  /** What a pod needs of its node beside device memory. */
  readonly host: readonly HostCheck[];
}

export interface SequenceCounts {
  readonly '8K': number;
  readonly '32K': number;
  readonly '128K': number;
}

export interface BindingTerm {
  readonly term: string;
  /** Of one rank. */
  readonly missingBytes: number;
  /** Single changes after which it fits, least painful first; empty when there is none. */
  readonly fixes: readonly BindingFix[];
}

export interface BindingFix {
  readonly change: 'context' | 'cache' | 'utilization' | 'batched-tokens' | 'no-mtp' | 'nodes';
  /** The key to change and its value, for example `context: 81920`. */
  readonly set: string;
}

/** One need of a pod held against what the spec gives it. */
export interface HostCheck extends Omit<HostNeed, 'name'> {
  readonly name: HostNeed['name'] | 'devices';
  readonly unit: 'bytes' | 'devices';
  /** What the spec gives; absent where a spec cannot say. */
  readonly given?: number;
  readonly verdict: 'enough' | 'too little' | 'not known';
}
