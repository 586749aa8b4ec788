import type { GLPK, LP } from 'glpk.js/node';
import type { Engine, IntegerProgram } from './integer-program.ts';

let glpk: GLPK | undefined;

/** GLPK, in WebAssembly. Only what it calls optimal is believed: out of time, it returns zeros as if they were a solution. */
export const glpkEngine: Engine = {
  load: async () => {
    if (glpk) return;
    const { default: loadGlpk } = await import('glpk.js/node');
    glpk = await loadGlpk();
  },

  solve: (program, { timeLimitSec, gapFraction }) => {
    if (!glpk) throw new Error('GLPK is not loaded: await the load() of the solver first');
    const failed = { status: 'failed', values: null, bound: null, seconds: 0 } as const;
    let answer: ReturnType<GLPK['solve']>;
    try {
      answer = glpk.solve(programOf(program, glpk), {
        msglev: glpk.GLP_MSG_OFF,
        presol: true,
        tmlim: Math.max(1, Math.floor(timeLimitSec)),
        mipgap: gapFraction,
      });
    } catch {
      glpk = undefined;
      return failed;
    }
    const { result, time: seconds } = answer;
    switch (result.status) {
      case glpk.GLP_OPT: {
        const values = program.rounded(program.costs.map((_, i) => result.vars[`x${i}`]));
        return { status: 'optimal', values, bound: gapFraction > 0 ? null : result.z, seconds };
      }
      case glpk.GLP_NOFEAS:
        return { status: 'infeasible', values: null, bound: null, seconds };
      case glpk.GLP_FEAS:
      case glpk.GLP_UNDEF:
        return { status: 'time-limit', values: null, bound: null, seconds };
      default:
        return failed;
    }
  },
};

function programOf(program: IntegerProgram, glpk: GLPK): LP {
  const name = (column: number) => `x${column}`;
  return {
    name: 'program',
    objective: {
      direction: glpk.GLP_MIN,
      name: 'objective',
      vars: program.costs.map((coef, i) => ({ name: name(i), coef })),
    },
    subjectTo: program.rowLowers.map((lb, row) => {
      const ub = program.rowUppers[row];
      const entries = program.indices.slice(program.starts[row], program.starts[row + 1]);
      return {
        name: `r${row}`,
        vars: entries.map((column, i) => ({
          name: name(column),
          coef: program.coefficients[program.starts[row] + i],
        })),
        bnds: {
          type: boundType(lb, ub, glpk),
          lb: Number.isFinite(lb) ? lb : 0,
          ub: Number.isFinite(ub) ? ub : 0,
        },
      };
    }),
    bounds: program.uppers.map((ub, i) => ({ name: name(i), type: glpk.GLP_DB, lb: 0, ub })),
    generals: program.whole.flatMap((isWhole, i) => (isWhole ? [name(i)] : [])),
  };
}

function boundType(lb: number, ub: number, glpk: GLPK): number {
  if (lb === ub) return glpk.GLP_FX;
  if (!Number.isFinite(lb)) return glpk.GLP_UP;
  return Number.isFinite(ub) ? glpk.GLP_DB : glpk.GLP_LO;
}
