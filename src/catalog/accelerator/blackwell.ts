/** Devices of NVIDIA's Blackwell generation, whose attention kernels are others than Hopper's. */
export const blackwell: ReadonlySet<string> = new Set(['b200', 'b300', 'gb200']);
