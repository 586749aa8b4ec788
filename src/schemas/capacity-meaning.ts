import { type Faults, isNumber, isObject, isText } from './fault-list.ts';
import { pointerToken } from './faults.ts';

// What a schema cannot say of the cards that exist and who may have them.

/**
 * A misspelt type would leave the type that was meant without a limit. Types that differ in a letter or a digit may both exist
 * (L40 and L40S, H100 and H200), so only other cases, separators and O for 0 count as misspelt.
 */
export function checkCapacity(capacity: unknown, types: readonly string[], faults: Faults): void {
  if (!isObject(capacity)) return;
  const spelling = (type: string) =>
    type
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}]/gu, '')
      .replaceAll('o', '0');
  const known = new Set(types);
  let unlimited: Map<string, string> | undefined;
  const misspelt = (type: string) => {
    unlimited ??= new Map(
      types.filter((other) => !Object.hasOwn(capacity, other)).map((other) => [spelling(other), other]),
    );
    return unlimited.get(spelling(type));
  };
  for (const type of Object.keys(capacity)) {
    const path = `/capacity/${pointerToken(type)}`;
    if (type === '') faults.add(path, 'the name of a card type must not be empty');
    else if (type.length > 253) faults.add(path, 'the name of a card type must have at most 253 characters');
    else if (/\p{Cc}/u.test(type))
      faults.add(path, 'the name of a card type must not hold control characters');
    const meant = known.has(type) ? undefined : misspelt(type);
    if (meant !== undefined) {
      faults.add(path, `is a card type that no accelerator has; did you mean ${JSON.stringify(meant)}?`);
    }
    checkNodes(capacity[type], path, faults);
  }
}

/** Cards that lie on no node could never be used. */
function checkNodes(capacity: unknown, path: string, faults: Faults): void {
  if (!isObject(capacity) || !Array.isArray(capacity.nodes) || !isNumber(capacity.cards)) return;
  const onNodes = capacity.nodes.reduce((sum: number, node: unknown) => {
    const isWhole = isObject(node) && isNumber(node.cards) && isNumber(node.count);
    return isWhole ? sum + (node.cards as number) * (node.count as number) : Number.NaN;
  }, 0);
  if (capacity.cards > onNodes) {
    faults.add(`${path}/cards`, `must be at most what the nodes hold, ${onNodes}; it is ${capacity.cards}`);
  }
}

/** A quota that names nobody, or a type that nothing has, would bind nobody. */
export function checkQuotas(quotas: unknown, known: Known, faults: Faults): void {
  if (!Array.isArray(quotas)) return;
  for (const [i, quota] of quotas.entries()) {
    if (!isObject(quota)) continue;
    const path = `/quotas/${i}`;
    const { serviceClasses, servers, type } = quota;
    if ((serviceClasses === undefined) === (servers === undefined)) {
      faults.add(path, 'must name either serviceClasses or servers');
    }
    checkNames(serviceClasses, `${path}/serviceClasses`, 'the service class', known.classes, faults);
    checkNames(servers, `${path}/servers`, 'the server', known.servers, faults);
    if (isText(type) && !known.types.includes(type)) {
      faults.dangling(`${path}/type`, 'the card type', type, known.types);
    }
  }
}

interface Known {
  readonly classes: readonly string[];
  readonly servers: readonly string[];
  readonly types: readonly string[];
}

function checkNames(
  list: unknown,
  path: string,
  what: string,
  known: readonly string[],
  faults: Faults,
): void {
  if (!Array.isArray(list)) return;
  const names = new Set(known);
  for (const [i, name] of list.entries()) {
    if (isText(name) && !names.has(name)) faults.dangling(`${path}/${i}`, what, name, known);
  }
}
