// Textbook queues: Kleinrock, Queueing Systems I (1975), §3.3–3.6 and §5.6. Times in the unit that the caller likes, rates in its inverse.

/** Mean wait in M/G/1 (Pollaczek–Khinchine) with Poisson arrivals and the first two moments of the service time. */
export function pollaczekKhinchine(rate: number, mean: number, meanSquare: number): number {
  return (rate * meanSquare) / (2 * (1 - rate * mean));
}

/** Probabilities of 0 … c + waitingRoom requests in M/M/c/K, by the recursion of the birth–death chain. */
function statesOf(rate: number, mean: number, servers: number, waitingRoom: number): number[] {
  const states = [1];
  for (let n = 1; n <= servers + waitingRoom; n++)
    states.push((states[n - 1] * rate * mean) / Math.min(n, servers));
  const total = states.reduce((sum, weight) => sum + weight, 0);
  return states.map((weight) => weight / total);
}

/** Share of the arrivals that M/M/c/K turns away; without a waiting room Erlang's B, of any service times. */
export function lossOf(rate: number, mean: number, servers: number, waitingRoom: number): number {
  return statesOf(rate, mean, servers, waitingRoom).at(-1)!;
}

/** Mean wait in M/M/c: Erlang's C times the mean wait of those that wait. */
export function waitOf(rate: number, mean: number, servers: number): number {
  const utilization = (rate * mean) / servers;
  const blocked = lossOf(rate, mean, servers, 0);
  const erlangC = blocked / (1 - utilization * (1 - blocked));
  return (erlangC * mean) / (servers * (1 - utilization));
}
