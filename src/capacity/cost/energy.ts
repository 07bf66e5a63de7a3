import type { AcceleratorRow } from '../../catalog/index.ts';

/**
 * Share of the board limit a device draws.
 *
 * @source SemiAnalysis InferenceX#828 on MI300X: 47 % on average in decode, 89 % in prefill spikes;
 * idle assumed
 */
const powerShare = { idle: 0.12, decode: 0.5, prefill: 0.85 };

export interface EnergyRequest {
  readonly accelerator: AcceleratorRow;
  readonly devices: number;
  /** Share of busy time spent on prompts. */
  readonly prefillShare: number;
  /** Share of time the devices are busy. */
  readonly utilization: number;
  readonly outputTokensPerSecond: number;
  /**
   * Power usage effectiveness of the site.
   *
   * @default 1
   */
  readonly pue?: number;
}

export interface Energy {
  /** Mean power of the devices, hosts excluded, watts. */
  readonly deviceWatts: number;
  readonly kilowattHoursPerMillionOutputTokens: number;
  readonly label: 'assumed';
  readonly source: string;
}

/** Energy of the devices alone; hosts, fans and network come on top. */
export function estimateEnergy(request: EnergyRequest): Energy {
  const { accelerator, devices, prefillShare, utilization, pue = 1 } = request;
  const busy = prefillShare * powerShare.prefill + (1 - prefillShare) * powerShare.decode;
  const share = powerShare.idle + (busy - powerShare.idle) * utilization;
  const deviceWatts = devices * accelerator.peak.watts * share;
  const tokensPerHour = 3600 * request.outputTokensPerSecond * utilization;
  return {
    deviceWatts,
    kilowattHoursPerMillionOutputTokens: ((deviceWatts * pue) / 1e3 / tokensPerHour) * 1e6,
    label: 'assumed',
    source: `${accelerator.peak.source}; shares of the board limit from one MI300X study`,
  };
}

/** Rate per megawatt of everything the site spends on one device. */
export function tokensPerSecondPerMegawatt(tokensPerSecond: number, kilowatts: number): number {
  return (tokensPerSecond / kilowatts) * 1e3;
}
