import { Type } from '#typebox';
import type { Solver } from '../solver.ts';

const options = Type.Object({}, { additionalProperties: false });

export default {
  name: 'unlimited',
  summary:
    'Every server takes its best candidate, whatever cards exist: capacity planning, elastic clouds. Exact.',
  options,
  isLight: true,
  ignoresLimits: true,
  solve: ({ servers }) => {
    const best = servers.map(({ candidates }) => candidates[0]);
    return {
      termination: 'optimal',
      assignments: best.map((candidate) =>
        candidate ? { candidate: 0, replicas: candidate.replicas } : null,
      ),
      bound: best.reduce((sum, candidate) => sum + (candidate?.value ?? 0), 0),
    };
  },
} satisfies Solver<typeof options>;
