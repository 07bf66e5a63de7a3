import { type EngineReleaseRow, findArgument } from '../../catalog/index.ts';
import type { EngineRequest, GroupQuestion, LayoutQuestion } from '../engine.ts';
import type { Note, Reason } from '../reason.ts';

/** What a backend needs to run. */
interface Backend {
  readonly vendors: readonly ('nvidia' | 'amd')[];
  /** Whether it talks to network cards itself, so that groups over nodes need RDMA. */
  readonly needsRdma: boolean;
  readonly what: string;
  /** Accelerators it is for, when not all of a vendor. */
  readonly only?: readonly string[];
  readonly removed?: true;
}

const rackLinks = ['b200', 'gb200'];

/** @source vllm/config/parallel.py and docs/serving/expert_parallel_deployment.md */
const backends: Readonly<Record<string, Backend>> = {
  allgather_reducescatter: {
    vendors: ['nvidia', 'amd'],
    needsRdma: false,
    what: 'collectives of NCCL or RCCL, which run on any fabric',
  },
  deepep_high_throughput: {
    vendors: ['nvidia', 'amd'],
    needsRdma: true,
    what: 'DeepEP for prefill, with large batches and without full graphs',
  },
  deepep_low_latency: {
    vendors: ['nvidia', 'amd'],
    needsRdma: true,
    what: 'DeepEP for decode, with small batches over IBGDA',
  },
  deepep_v2: {
    vendors: ['nvidia'],
    needsRdma: true,
    what: 'DeepEP on NCCL 2.30.4 or newer',
  },
  nixl_ep: { vendors: ['nvidia'], needsRdma: true, what: 'NIXL' },
  mori: { vendors: ['amd'], needsRdma: true, what: 'MoRI' },
  mori_high_throughput: { vendors: ['amd'], needsRdma: true, what: 'MoRI for prefill' },
  mori_low_latency: { vendors: ['amd'], needsRdma: true, what: 'MoRI for decode' },
  flashinfer_nvlink_one_sided: {
    vendors: ['nvidia'],
    needsRdma: false,
    what: 'NVLink over a rack',
    only: rackLinks,
  },
  flashinfer_nvlink_two_sided: {
    vendors: ['nvidia'],
    needsRdma: false,
    what: 'NVLink over a rack',
    only: rackLinks,
  },
  flashinfer_all2allv: {
    vendors: ['nvidia'],
    needsRdma: false,
    what: 'the old name of flashinfer_nvlink_two_sided',
    only: rackLinks,
  },
  naive: { vendors: ['nvidia', 'amd'], needsRdma: false, what: 'gone', removed: true },
  pplx: { vendors: ['nvidia'], needsRdma: false, what: 'gone', removed: true },
};

const safeBackend = 'allgather_reducescatter';

/** The backend a layout runs with, and why; none where no token leaves its data-parallel rank. */
export function allToAllOf({ group, parallelism }: Pick<EngineRequest, 'group' | 'parallelism'>): {
  readonly backend: string | undefined;
  readonly chosen: boolean;
} {
  if (!parallelism.expert || parallelism.data === 1) return { backend: undefined, chosen: false };
  const chosen = group.allToAll !== 'auto';
  return { backend: chosen ? group.allToAll : safeBackend, chosen };
}

/** Whether the backend of a layout is one of DeepEP's that bring NVSHMEM. */
export function usesNvshmem(request: EngineRequest): boolean {
  const { backend = '' } = allToAllOf(request);
  const nvshmem = backend === 'deepep_low_latency' || backend === 'deepep_high_throughput';
  return nvshmem && request.accelerator.vendor === 'nvidia' && request.podsPerGroup > 1;
}

/** Rules a backend breaks whatever the layout. */
export function checkBackend(question: GroupQuestion): Reason[] {
  const { group, release, accelerator, pool } = question;
  const name = group.allToAll;
  if (name === 'auto') return [];
  const row = backends[name];
  const choices = choicesOf(release);
  if (!choices.includes(name)) {
    return [
      refuse(`vLLM ${release.version} has no all-to-all backend "${name}"`, {
        code: 'VLLM_ALL2ALL_UNKNOWN',
        hint: `Use auto or one of ${choices.join(', ')}.`,
      }),
    ];
  }
  if (row === undefined) return [];
  if (row.removed) {
    return [
      refuse(`vLLM ${release.version} still names "${name}", warns and runs something else`, {
        code: 'VLLM_ALL2ALL_REMOVED',
        hint: `Use ${safeBackend}.`,
      }),
    ];
  }
  const fits = row.vendors.some((vendor) => vendor === accelerator.vendor);
  if (!fits || row.only?.includes(accelerator.id) === false) {
    const devices = (row.only ?? row.vendors).join(' or ');
    return [
      refuse(`all-to-all backend "${name}" is for ${devices}, not ${accelerator.name}`, {
        code: 'VLLM_ALL2ALL_VENDOR',
        hint: `Use auto or ${namesFor(question).join(', ')}.`,
      }),
    ];
  }
  if (row.needsRdma && group.nodes > 1 && pool.fabric.rdma === 'none') {
    return [
      refuse(`all-to-all backend "${name}" needs RDMA, and pool "${pool.name}" says rdma: none`, {
        code: 'VLLM_ALL2ALL_WITHOUT_RDMA',
        hint: `Use ${safeBackend}, or name the RDMA resource of the pool.`,
      }),
    ];
  }
  return [];
}

/** A backend that nothing would use is a mistake in the layout. */
export function backendIsUsed({ group, parallelism }: LayoutQuestion): Reason | undefined {
  if (group.allToAll === 'auto' || (parallelism.expert && parallelism.data > 1)) return undefined;
  return refuse(
    `allToAll "${group.allToAll}" has nothing to do: experts are not spread over data ranks`,
    {
      code: 'VLLM_ALL2ALL_UNUSED',
      hint: 'Set expert: true with data above 1, or allToAll: auto.',
    },
  );
}

/** Tells what was chosen and what else there is. */
export function allToAllNotes(request: EngineRequest): Note[] {
  const { backend, chosen } = allToAllOf(request);
  if (backend === undefined) return [];
  const what = backends[backend]?.what ?? 'a backend of this release';
  if (chosen)
    return [
      { code: 'VLLM_ALL2ALL', level: 'info', message: `all-to-all backend is ${backend}: ${what}` },
    ];
  if (request.podsPerGroup === 1) return [];
  return [
    {
      code: 'VLLM_ALL2ALL_DEFAULT',
      level: 'info',
      message:
        `all-to-all backend is ${backend} (auto): ${what} and carry every token to every rank; ` +
        `allToAll: ${alternative(request)}`,
    },
  ];
}

function alternative({ accelerator }: EngineRequest): string {
  return accelerator.vendor === 'amd'
    ? 'mori_low_latency sends each only where its experts are, which nobody published for this model'
    : 'deepep_low_latency sends each only where its experts are, but needs driver options on every host';
}

function choicesOf(release: EngineReleaseRow): string[] {
  return (findArgument(release, '--all2all-backend')?.choices ?? []).map(String);
}

function namesFor({ release, accelerator }: GroupQuestion): string[] {
  return choicesOf(release).filter((name) => {
    const row = backends[name];
    if (row === undefined || row.removed) return false;
    const sameVendor = row.vendors.some((vendor) => vendor === accelerator.vendor);
    return sameVendor && row.only?.includes(accelerator.id) !== false;
  });
}

function refuse(message: string, { code, hint }: { code: string; hint: string }): Reason {
  return { code, message, hint, source: 'vllm/config/parallel.py' };
}
