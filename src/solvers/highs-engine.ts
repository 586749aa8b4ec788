import type { Highs, Model, ModelData } from 'highs';
import type { Engine, EngineLimits, EngineOutcome, IntegerProgram } from './integer-program.ts';

/** WebAssembly memory never shrinks: an engine that has grown beyond this is replaced before the next use (bytes). */
const MOST_MEMORY = 268_435_456;

/** Of its info `primal_solution_status`: the solution that it holds is feasible. */
const FEASIBLE = 2;

const FAILED: EngineOutcome = { status: 'failed', values: null, bound: null, seconds: 0 };

let highs: Highs | undefined;
/** It has aborted: nothing in its memory can be relied upon. */
let isBroken = false;

/**
 * HiGHS, in WebAssembly (https://highs.dev). It is given no solution to start from: with one, version 1.15 calls some solutions
 * optimal that are not, where its presolve leaves nothing to search.
 */
export const highsEngine: Engine = {
  load: async () => {
    if (highs && !isBroken && highs.memoryBytes <= MOST_MEMORY) return;
    // Its types are those of its CommonJS build, one level deeper.
    const { default: loadHighs } = (await import('highs')) as unknown as { default: () => Promise<Highs> };
    highs = await loadHighs();
    isBroken = false;
  },

  solve: (program, limits) => {
    const engine = highs;
    if (!engine) throw new Error('HiGHS is not loaded: await the load() of the solver first');
    if (isBroken) return FAILED;
    const endMs = performance.now() + 1000 * limits.timeLimitSec;
    const attempt = (presolve: Presolve) => {
      const timeLimitSec = Math.max(0.001, (endMs - performance.now()) / 1000);
      const left = { ...limits, timeLimitSec };
      return engine.withModel(modelOf(program, engine), (model) =>
        run(program, model, left, presolve, engine),
      );
    };
    try {
      return attempt('choose');
    } catch (error) {
      return isRefusal(error) ? again(attempt) : broken();
    }
  },
};

type Presolve = 'choose' | 'off';

/** It says that it failed, and goes on; an abort of its WebAssembly is another error. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && error.name === 'HighsError';
}

/** Of some small programs HiGHS 1.15 says after its presolve that it failed; without presolve it solves them. */
function again(attempt: (presolve: Presolve) => EngineOutcome): EngineOutcome {
  try {
    return attempt('off');
  } catch {
    return broken();
  }
}

function broken(): EngineOutcome {
  isBroken = true;
  return FAILED;
}

function modelOf(program: IntegerProgram, { constants }: Highs): ModelData {
  const { columns, rows, starts, indices, coefficients, whole } = program;
  const { integer, continuous } = constants.variableType;
  return {
    numCols: columns,
    numRows: rows,
    colCost: program.costs,
    colLower: new Float64Array(columns),
    colUpper: program.uppers,
    rowLower: program.rowLowers,
    rowUpper: program.rowUppers,
    matrix: { format: 'csr', numRows: rows, numCols: columns, starts, indices, values: coefficients },
    integrality: Int32Array.from(whole, (isWhole) => (isWhole ? integer : continuous)),
  };
}

function run(
  program: IntegerProgram,
  model: Model,
  { timeLimitSec, gapFraction }: EngineLimits,
  presolve: Presolve,
  { constants: { modelStatus } }: Highs,
): EngineOutcome {
  model.options.set({ output_flag: false, time_limit: timeLimitSec, mip_rel_gap: gapFraction, presolve });
  model.run();
  const seconds = model.getRunTime();
  const status = model.getModelStatus();
  if (status === modelStatus.infeasible || status === modelStatus.unboundedOrInfeasible) {
    return { status: 'infeasible', values: null, bound: null, seconds };
  }
  if (status !== modelStatus.optimal && status !== modelStatus.timeLimit) {
    return { ...FAILED, seconds };
  }
  const holds = Number(model.info.get('primal_solution_status')) === FEASIBLE;
  const isLinear = !program.whole.includes(true);
  const bound = Number(model.info.get(isLinear ? 'objective_function_value' : 'mip_dual_bound'));
  return {
    ...(isLinear && holds && { rowPrices: model.getSolution().rowDual }),
    status: status === modelStatus.optimal ? 'optimal' : 'time-limit',
    values: holds ? program.rounded(model.getSolution().colValue) : null,
    bound: Number.isFinite(bound) ? bound : null,
    seconds,
  };
}
