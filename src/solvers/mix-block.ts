import type { Block, Site, Term } from './block.ts';
import { countedAs, LESS_THAN_ALL, mixOf } from './mix.ts';
import type { Assignment, Demand, Mix, Mixing, Part } from './solver.ts';
import { addStaying } from './staying-rows.ts';
import { variantBlock } from './variant-block.ts';

/** Shares of load below this are an engine's rounding. */
const LEAST_SHARE = 1e-9;

/** Several variants for a server that has `mixing`; one for the others. */
export function mixBlock(demand: Demand, site: Site, isWhole: boolean): Block {
  return demand.mixing ? new MixBlock(demand.mixing, site, isWhole) : variantBlock(demand, site, isWhole);
}

/** The columns of a part. */
interface Column {
  readonly part: number;
  /** Replicas. */
  readonly given: number;
  /** How many of them are spare; null: none is asked for. */
  readonly spare: number | null;
  /** Whether there is any, of a part whose keeping has a value; null: it has none. */
  readonly kept: number | null;
  /** Of each size, the share of it that goes here when all is served; null: this part does not serve that size, or there is one size. */
  readonly flows: readonly (number | null)[];
  /** The same when the server is served in part. */
  readonly partFlows: readonly (number | null)[];
}

/**
 * Whole replicas of several parts that together carry the load: Σ over the parts of replicas / load, where there is one request size;
 * else the shares of each size are columns as well, Σ over the sizes of share · load ≤ replicas of each part. In part: a binary says
 * whether all is carried; if not, service is Σ replicas / requiredReplicas, or by sizes the share of the requests that fits replicas
 * which count as load / requiredReplicas.
 */
class MixBlock implements Block {
  readonly first: number;
  readonly end: number;
  readonly service: readonly Term[];
  readonly value: readonly Term[];
  readonly #mixing: Mixing;
  readonly #columns: readonly Column[];
  /** 1: all is carried; null: it must be. */
  readonly #all: number | null;
  /** The share that is served of what can be; null: all. */
  readonly #served: number | null;

  constructor(mixing: Mixing, site: Site, isWhole: boolean) {
    const { program, limits, room } = site;
    this.#mixing = mixing;
    this.first = program.columns;
    this.#columns = mixing.parts.flatMap((part, index) => {
      const most = Math.min(part.requiredReplicas, mixing.maxReplicas, room.replicasOf(part));
      return most < 1 ? [] : [this.#addPart(part, index, most, site, isWhole)];
    });
    this.#addExclusions(program);
    const isOpen = !isWhole && this.#columns.length > 0;
    this.#all = isOpen ? program.addColumn(1, 0) : null;
    this.#served = isOpen ? program.addColumn(1, 0, false) : null;
    const staying = isWhole || isOpen ? addStaying(program, mixing.staying, this.#columns) : null;
    this.end = program.columns;
    for (const { part, given } of this.#columns) limits.add(given, mixing.parts[part].uses, 1);
    if (isWhole || isOpen) {
      this.#addCounts(site);
      if (mixing.sizes.length === 1) this.#addLoad(site);
      else this.#addSizes(site);
      if (isOpen) {
        program.addRow(-Infinity, LESS_THAN_ALL, [this.#served!, this.#all!], [1, LESS_THAN_ALL - 1]);
      }
    }
    this.service = this.#served === null ? [] : [{ column: this.#served, coefficient: mixing.servableShare }];
    this.value = this.#columns.flatMap(({ part, given, kept }) => {
      const { valuePerReplica, valueOfKeeping } = mixing.parts[part];
      const ofReplicas = { column: given, coefficient: valuePerReplica };
      return kept === null ? [ofReplicas] : [ofReplicas, { column: kept, coefficient: valueOfKeeping }];
    });
    if (staying) this.value = [...this.value, staying];
  }

  assignmentOf(values: Float64Array): Assignment | Mix | null {
    const held = this.#columns.filter(({ given }) => values[given] >= 1);
    if (held.length === 0) return null;
    const carriesAll = this.#all === null || values[this.#all] > 0.5;
    const parts = held.map(({ part, given, flows, partFlows }) => ({
      part,
      replicas: values[given],
      shares: (carriesAll ? flows : partFlows).map((flow) =>
        flow === null || values[flow] < LEAST_SHARE ? 0 : values[flow],
      ),
    }));
    return mixOf(this.#mixing, parts, carriesAll);
  }

  #addPart(part: Part, index: number, most: number, { program }: Site, isWhole: boolean): Column {
    const { sizes, spareReplicas } = this.#mixing;
    const given = program.addColumn(most, 0);
    const kept = part.valueOfKeeping < 0 ? program.addColumn(1, 0) : null;
    if (kept !== null) program.addRow(0, Infinity, [given, kept], [1, -1]);
    const spare = spareReplicas > 0 ? program.addColumn(Math.min(most, spareReplicas), 0) : null;
    if (spare !== null) program.addRow(0, Infinity, [given, spare], [1, -1]);
    const flow = (load: number) => (Number.isFinite(load) ? program.addColumn(1, 0, false) : null);
    const bySize = sizes.length > 1 ? part.loads : [];
    return {
      part: index,
      given,
      kept,
      spare,
      flows: bySize.map(flow),
      partFlows: isWhole ? [] : bySize.map(flow),
    };
  }

  /** Of parts that are the same variant only one. */
  #addExclusions(program: Site['program']): void {
    const variantOf = ({ part }: Column) => this.#mixing.parts[part].variant;
    for (const variant of new Set(this.#columns.map(variantOf))) {
      const same = this.#columns.filter((column) => variantOf(column) === variant);
      if (same.length === 1) continue;
      const chosen = same.map(({ given }) => {
        const column = program.addColumn(1, 0);
        program.addRow(0, Infinity, [column, given], [program.uppers[given], -1]);
        return column;
      });
      program.addRow(
        -Infinity,
        1,
        chosen,
        chosen.map(() => 1),
      );
    }
  }

  /** Least, most and spare replicas. */
  #addCounts({ program }: Site): void {
    const { minReplicas, maxReplicas, spareReplicas } = this.#mixing;
    const given = this.#columns.map((column) => column.given);
    const ones = given.map(() => 1);
    if (Number.isFinite(maxReplicas)) program.addRow(-Infinity, maxReplicas, given, ones);
    this.#addWhere(program, minReplicas + spareReplicas, given, ones);
    if (spareReplicas === 0) return;
    const spare = this.#columns.map((column) => column.spare!);
    this.#addWhere(program, spareReplicas, spare, ones);
  }

  /** One size: the parts carry it in proportion to their replicas. */
  #addLoad({ program }: Site): void {
    const { parts } = this.#mixing;
    const carrying = this.#columns.filter(({ part }) => parts[part].loads[0] > 0);
    const columns: number[] = [];
    const coefficients: number[] = [];
    for (const { part, given, spare } of carrying) {
      const share = 1 / parts[part].loads[0];
      columns.push(given);
      coefficients.push(share);
      if (spare === null) continue;
      columns.push(spare);
      coefficients.push(-share);
    }
    if (carrying.length > 0 || this.#columns.length === 0) this.#addWhere(program, 1, columns, coefficients);
    if (this.#served === null) return;
    program.addRow(
      -Infinity,
      0,
      [this.#served, this.#all!, ...this.#columns.map(({ given }) => given)],
      [1, -1, ...this.#columns.map(({ part }) => -1 / parts[part].requiredReplicas)],
    );
  }

  /** Several sizes: what goes where is decided. */
  #addSizes({ program }: Site): void {
    const { parts, sizes } = this.#mixing;
    const shares: Term[] = [];
    for (const [size, share] of sizes.entries()) {
      const flows = this.#columns.flatMap(({ flows }) => flows[size] ?? []);
      const ones = flows.map(() => 1);
      if (this.#all === null) {
        program.addRow(1, 1, flows, ones);
        continue;
      }
      program.addRow(0, 0, [...flows, this.#all], [...ones, -1]);
      const partFlows = this.#columns.flatMap((column) => column.partFlows[size] ?? []);
      program.addRow(-Infinity, 1, [...partFlows, this.#all], [...partFlows.map(() => 1), 1]);
      shares.push(...partFlows.map((column) => ({ column, coefficient: share })));
    }
    for (const { part, given, spare, flows, partFlows } of this.#columns) {
      const { loads } = parts[part];
      const counted = countedAs(parts[part]);
      const columns = spare === null ? [given] : [given, spare];
      const coefficients = spare === null ? [-1] : [-1, 1];
      for (const [size, load] of loads.entries()) {
        if (!Number.isFinite(load)) continue;
        columns.push(flows[size]!);
        coefficients.push(load);
        if (this.#all === null) continue;
        columns.push(partFlows[size]!);
        coefficients.push(load * counted);
      }
      program.addRow(-Infinity, 0, columns, coefficients);
    }
    if (this.#served === null) return;
    program.addRow(
      -Infinity,
      0,
      [this.#served, this.#all!, ...shares.map(({ column }) => column)],
      [1, -1, ...shares.map(({ coefficient }) => -coefficient)],
    );
  }

  /** Σ ≥ least, where all is carried. */
  #addWhere(
    program: Site['program'],
    least: number,
    columns: readonly number[],
    coefficients: readonly number[],
  ): void {
    if (this.#all === null) program.addRow(least, Infinity, columns, coefficients);
    else program.addRow(0, Infinity, [...columns, this.#all], [...coefficients, -least]);
  }
}
