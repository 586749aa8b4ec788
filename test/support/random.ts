/** Random numbers that are the same in every run. */
export interface Random {
  /** In [0, 1). */
  uniform(): number;
  /** Of mean 0 and standard deviation 1. */
  normal(): number;
}

/** Mulberry32, and the normal ones of it by Box and Muller. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal };
}
