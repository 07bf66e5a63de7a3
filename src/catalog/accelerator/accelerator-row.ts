/** One kind of device as Kubernetes and the engines see it. */
export interface AcceleratorRow {
  readonly id: string;
  readonly name: string;
  readonly vendor: 'nvidia' | 'amd' | 'huawei';
  /** Total device memory the engine reports, bytes. */
  readonly memoryBytes: number;
  /**
   * Memory free before weights load, after driver and communication set-up, bytes.
   *
   * @default - `memoryBytes` less 1.9 GiB, the difference seen on H200
   */
  readonly freeBytes?: number;
  readonly devicesPerNode: number;
  /** Extended resource the vendor's device plugin registers by default. */
  readonly deviceResource: string;
  /** Shows the label values to select these nodes by. */
  readonly findNodesCommand: string;
  readonly source: string;
  readonly peak: AcceleratorPeak;
}

/** Peak rates of one device: upper bounds, never reached. */
export interface AcceleratorPeak {
  readonly memoryBytesPerSecond: number;
  readonly bf16Flops: number;
  /** 8-bit dense rate, floating point or, on Ascend A2 and A3, integer. */
  readonly eightBitFlops: number;
  readonly eightBitKind: 'fp8' | 'int8';
  /** To other devices of the node or the rack-wide domain, one direction, bytes per second. */
  readonly linkBytesPerSecond: number;
  /** To other nodes, bytes per second and device. */
  readonly networkBytesPerSecond: number;
  /** Board power limit, watts. */
  readonly watts: number;
  /** `published` by the vendor or a study; `unverified` where pages disagree or none was found. */
  readonly label: 'published' | 'unverified';
  readonly source: string;
}
