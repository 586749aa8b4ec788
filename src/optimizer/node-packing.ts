/**
 * Nodes of one size that hold replicas, each whole on one node, placed from the largest down where the least is left that holds
 * them: the fewest where the sizes divide one another and the node.
 *
 * @param sizes replicas by their cards, at most those of a node
 * @param nodeCards of each node
 */
export function nodesThatHold(sizes: ReadonlyMap<number, number>, nodeCards: number): number {
  let nodes = 0;
  /** Nodes by the cards that are left on them. */
  const left = new Map<number, number>();
  const put = (cards: number, count: number) => left.set(cards, (left.get(cards) ?? 0) + count);
  for (const [size, replicas] of [...sizes].sort(([a], [b]) => b - a)) {
    let waiting = replicas;
    for (const cards of [...left.keys()].sort((a, b) => a - b)) {
      if (cards < size || waiting === 0) continue;
      const open = left.get(cards)!;
      const perNode = Math.floor(cards / size);
      const filled = Math.min(open, Math.floor(waiting / perNode));
      waiting -= filled * perNode;
      put(cards, -filled);
      put(cards - perNode * size, filled);
      if (filled === open) continue;
      put(cards, -1);
      put(cards - waiting * size, 1);
      waiting = 0;
    }
    const perNode = Math.floor(nodeCards / size);
    nodes += Math.ceil(waiting / perNode);
    put(nodeCards - perNode * size, Math.floor(waiting / perNode));
    if (waiting % perNode > 0) put(nodeCards - (waiting % perNode) * size, 1);
  }
  return nodes;
}
