import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Draws in [0, 1); the same seed gives the same draws everywhere. */
export type Uniform = () => number;

/**
 * Streams of random draws that do not overlap: 2⁶⁴ draws lie between the starts of two. What draws from a stream of its own is not
 * moved by how much others draw, so that runs which differ in one thing share the randomness of all the rest.
 *
 * @param seed a whole number
 */
export function randomStreams(seed: number, count: number): Uniform[] {
  let start = xoroshiro128plus(seed | 0);
  return Array.from({ length: count }, () => {
    const stream = start;
    start = stream.clone();
    start.jump();
    return () => uniformFloat64(stream);
  });
}
