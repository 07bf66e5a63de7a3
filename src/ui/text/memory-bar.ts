import type { RankMemory } from '../../capacity/index.ts';
import { formatGib } from '../../units/index.ts';
import { paragraph } from '../block.ts';
import type { Style } from '../style.ts';

const widest = 60;

/** Draws one rank's device memory as a bar: weights, overhead, peaks and cache, left to right. */
export function memoryBar(memory: RankMemory, who: string, style: Style): string[] {
  const width = Math.min(widest, Math.max(16, (style.width ?? widest + 4) - 4));
  const parts = partsOf(memory);
  const cells = shareOut(
    parts.map(({ bytes }) => bytes),
    memory.deviceBytes,
    width,
  );
  const bar = parts.map(({ mark }, index) => mark.repeat(cells[index] ?? 0)).join('');
  const legend = parts
    .filter(({ bytes }) => bytes > 0)
    .map(({ mark, name, bytes }) => `${mark} ${name} ${formatGib(bytes)}`);
  return [
    ...paragraph(`${who}, ${formatGib(memory.deviceBytes)}`, { style, indent: 2 }),
    `  [${bar.slice(0, width).padEnd(width, '.')}]`,
    ...paragraph(legend.join(', '), { style, indent: 2, paint: style.paints.muted }),
  ];
}

interface Part {
  readonly mark: string;
  readonly name: string;
  readonly bytes: number;
}

function partsOf(memory: RankMemory): Part[] {
  const { weightsBytesPerRank, overheadBytesPerRank, peakBytesPerRank, kvBytesPerRank } = memory;
  const used = weightsBytesPerRank + overheadBytesPerRank + Math.max(0, kvBytesPerRank);
  return [
    { mark: '#', name: 'weights', bytes: weightsBytesPerRank },
    { mark: 'o', name: 'overhead', bytes: overheadBytesPerRank },
    { mark: '=', name: 'KV cache', bytes: Math.max(0, kvBytesPerRank) },
    { mark: '^', name: 'peak', bytes: peakBytesPerRank },
    {
      mark: '.',
      name: 'free',
      bytes: Math.max(0, memory.deviceBytes - used - peakBytesPerRank),
    },
  ];
}

/** Cells of each part; whatever rounding leaves over goes to the last one. */
function shareOut(bytes: readonly number[], total: number, width: number): number[] {
  let before = 0;
  let drawn = 0;
  return bytes.map((size) => {
    before += size;
    const end = Math.min(width, Math.round((before / total) * width));
    const cells = Math.max(0, end - drawn);
    drawn += cells;
    return cells;
  });
}
