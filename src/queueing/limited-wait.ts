import { sumGeometric } from '../numerics/truncated-geometric.ts';

// What a waiting room does in a chain whose states from the full batch on weigh 1, r, r² … r^Q, whatever the states below.

/** A scratch object that its owner reuses. */
export interface RoomMetrics {
  /** Share of arrivals that find the room full. */
  lossFraction: number;
  /** 1 - lossFraction, exact where that is near 1. */
  servedFraction: number;
  /** Mean number that waits; NaN: without bound. */
  waiting: number;
  /** Share of the time in which all places are taken. */
  fullFraction: number;
  /** Share of those accepted that find a full batch. */
  delayedFraction: number;
}

const tail = { sum: Number.NaN, mean: Number.NaN, last: Number.NaN };

/**
 * @param below weight of all states below the full batch, that of the full batch being e^-logUnit
 * @param excess r - 1; below 0 where the room is unlimited
 * @param room Q; Infinity: unlimited
 * @param metrics is overwritten
 * @param logUnit other than 0 only where r > 1
 */
export function fillRoom(
  below: number,
  excess: number,
  room: number,
  metrics: RoomMetrics,
  logUnit = 0,
): void {
  const isOver = excess > 0;
  const logRatio = Math.abs(excess) < 0.5 ? Math.log1p(excess) : Math.log(1 + excess);
  // Counted from the heaviest end: the full batch for r ≤ 1, the full room for r > 1.
  const ratio = isOver ? 1 / (1 + excess) : 1 + excess;
  sumGeometric(Math.abs(logRatio), ratio, isOver ? excess * ratio : -excess, room, tail);
  const unit = isOver ? Math.exp(logUnit - room * logRatio) : 1;
  // Where a sum beyond all numbers meets a unit below all, the room is full.
  const scaledBelow = isOver ? (unit > 0 ? below * unit : 0) : below;
  const last = isOver ? 1 : tail.last;
  const notLast = (tail.sum - tail.last) * (isOver ? ratio : 1);
  const total = scaledBelow + tail.sum;
  metrics.lossFraction = last / total;
  metrics.servedFraction = total === Number.POSITIVE_INFINITY ? 1 : (scaledBelow + notLast) / total;
  metrics.waiting = (tail.sum * (isOver ? room - tail.mean : tail.mean)) / total;
  metrics.fullFraction = total === Number.POSITIVE_INFINITY ? 0 : tail.sum / total;
  const accepted = scaledBelow + notLast;
  metrics.delayedFraction = accepted > 0 ? notLast / accepted : 0;
}

export function newRoomMetrics(): RoomMetrics {
  return {
    lossFraction: Number.NaN,
    servedFraction: Number.NaN,
    waiting: Number.NaN,
    fullFraction: Number.NaN,
    delayedFraction: Number.NaN,
  };
}
