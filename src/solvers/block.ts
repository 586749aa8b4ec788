import type { IntegerProgram } from './integer-program.ts';
import type { LimitRows } from './limit-rows.ts';
import type { RoomLeft } from './room-left.ts';
import type { Demand, Solution } from './solver.ts';

/** What a program has for one server: columns and rows of its own, next to those of the limits that all share. */
export interface Block {
  /** Its columns: first … end - 1. All of them at 0: it is given nothing. */
  readonly first: number;
  readonly end: number;
  /** What its columns add to its service; none: it is served in full. */
  readonly service: readonly Term[];
  /** What its columns add to its value, over giving it nothing. */
  readonly value: readonly Term[];
  assignmentOf(values: Float64Array): Solution['assignments'][number];
}

export interface Term {
  readonly column: number;
  readonly coefficient: number;
}

/** What blocks are built into. */
export interface Site {
  readonly program: IntegerProgram;
  readonly limits: LimitRows;
  /** What is there before anybody is given anything. */
  readonly room: RoomLeft;
}

/**
 * Builds what a program has for a server.
 *
 * @param isWhole it must be served as much as it can be
 */
export type BlockBuilder = (demand: Demand, site: Site, isWhole: boolean) => Block;
