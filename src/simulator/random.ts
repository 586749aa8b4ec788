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
  const start = xoroshiro128plus(scattered(seed));
  return Array.from({ length: count }, () => {
    // The generator begins with its seed all but bare: its very first draws are alike for all seeds.
    start.jump();
    const stream = start.clone();
    return () => uniformFloat64(stream);
  });
}

/** Seeds that are neighbours lead to draws that are not: the last mixing of MurmurHash3. */
function scattered(seed: number): number {
  let bits = seed | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
