import type { OperatingPoint } from './operating-point.ts';

/**
 * Points no other point beats in both output tokens per second and device, and speed of one
 * sequence; fastest sequence first.
 */
export function paretoFront(points: readonly OperatingPoint[]): OperatingPoint[] {
  const ordered = points.toSorted(
    (a, b) => a.estimate.tpotMs.p50 - b.estimate.tpotMs.p50 || perDevice(b) - perDevice(a),
  );
  const front: OperatingPoint[] = [];
  let best = Number.NEGATIVE_INFINITY;
  for (const point of ordered) {
    if (perDevice(point) <= best) continue;
    best = perDevice(point);
    front.push(point);
  }
  return front;
}

function perDevice(point: OperatingPoint): number {
  return point.estimate.outputTokensPerSecondPerDevice.p50;
}
