import type { AcceleratorRow } from './accelerator/accelerator-row.ts';
import { amdAccelerators } from './accelerator/amd.ts';
import { huaweiAccelerators } from './accelerator/huawei.ts';
import { nvidiaAccelerators } from './accelerator/nvidia.ts';

/** @source capacity figures: torch totals in engine logs, vendor data sheets (read 2026-11-23) */
export const accelerators: readonly AcceleratorRow[] = [
  ...nvidiaAccelerators,
  ...amdAccelerators,
  ...huaweiAccelerators,
];
