/** Orders that have nothing to do with how servers are named; the same each time. */
export class Order {
  #state = 1;

  shuffled(servers: number[]): number[] {
    for (let i = servers.length - 1; i > 0; i--) {
      this.#state = (this.#state * 48_271) % 2_147_483_647;
      const j = this.#state % (i + 1);
      [servers[i], servers[j]] = [servers[j], servers[i]];
    }
    return servers;
  }
}
