import type { TSchema } from '#typebox';
import { Compile } from '#typebox/compile';
import { Settings } from '#typebox/system';
import { inlined } from './bundle.ts';
import { cardsFaults } from './cards-meaning.ts';
import { CompareRequest } from './comparison.ts';
import { Faults } from './fault-list.ts';
import { faultsOf, type InputFault, MAX_FAULTS } from './faults.ts';
import { FitRequest } from './fit.ts';
import { fleetFaults } from './fleet-meaning.ts';
import { InfernoModelData, InfernoRequest } from './inferno.ts';
import { InfernoReplicas } from './inferno-tuner.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { MinimumCardsRequest } from './minimum-cards.ts';
import { objectiveFaults } from './objective.ts';
import { percentileCheck } from './percentile-meaning.ts';
import { OptimizeRequest } from './plan.ts';
import type { StationStrategy, Strategy } from './plug-in.ts';
import { simulatedPlanFaults } from './simulated-plan-meaning.ts';
import { SimulateRequest } from './simulation.ts';
import { simulationFaults } from './simulation-meaning.ts';
import { AnalyzeRequest, ConcurrencyRequest, SizeRequest } from './station.ts';
import { rateFaults, stationFaults } from './station-meaning.ts';
import { TuneRequest } from './tune.ts';

// The validator's default is 8.
Settings.Set({ maxErrors: MAX_FAULTS });

/** The strategies that requests may name. */
export interface KnownStrategies {
  readonly solvers: ReadonlyMap<string, Strategy>;
  readonly queueModels: ReadonlyMap<string, StationStrategy>;
  readonly estimators: ReadonlyMap<string, Strategy>;
}

/** Finds every fault of a value, whatever it is. */
export type Check = (value: unknown) => InputFault[];

/** The requests of the service, by the name of their schema. */
export const REQUESTS = {
  OptimizeRequest,
  CompareRequest,
  MinimumCardsRequest,
  AnalyzeRequest,
  SizeRequest,
  ConcurrencyRequest,
  TuneRequest,
  FitRequest,
  SimulateRequest,
  InfernoRequest,
  InfernoReplicas,
  InfernoModelData,
} as const;
export type RequestName = keyof typeof REQUESTS;

/** A check of each request: its form, its meaning, and the strategies that it names. */
export function requestChecks(
  strategies: KnownStrategies,
  limits: Limits = DEFAULT_LIMITS,
): Record<RequestName, Check> {
  const formOf = (schema: TSchema) => formCheck(schema, limits);
  const solver = choiceCheck('solver', 'the solver', strategies.solvers);
  const queueModel = choiceCheck('queueModel', 'the queue model', strategies.queueModels);
  const estimator = choiceCheck('estimator', 'the estimator', strategies.estimators);
  const percentiles = percentileCheck(strategies.queueModels);
  const parametric = parametricCheck(strategies.queueModels);
  const withMeaning = (schema: TSchema, ...checks: Check[]): Check => {
    const form = formOf(schema);
    return (value) => [form, ...checks].flatMap((check) => check(value));
  };
  const station: Check = (value) => {
    const { station, queueModel } = (value ?? {}) as Partial<AnalyzeRequest>;
    const name = typeof queueModel === 'object' ? queueModel?.name : queueModel;
    return stationFaults(station, '/station', strategies.queueModels.get(name ?? '')?.reads);
  };
  const rates: Check = (value) =>
    rateFaults((value as Partial<AnalyzeRequest> | null)?.requestsPerSec, '/requestsPerSec');
  return {
    OptimizeRequest: withMeaning(
      OptimizeRequest,
      fleetFaults,
      objectiveFaults,
      solver,
      queueModel,
      percentiles,
    ),
    CompareRequest: withMeaning(
      CompareRequest,
      fleetFaults,
      objectiveFaults,
      eachRun(solver),
      eachRun(queueModel),
      percentiles,
    ),
    MinimumCardsRequest: withMeaning(
      MinimumCardsRequest,
      fleetFaults,
      cardsFaults,
      solver,
      queueModel,
      percentiles,
    ),
    AnalyzeRequest: withMeaning(AnalyzeRequest, station, rates, queueModel),
    SizeRequest: withMeaning(SizeRequest, station, queueModel, percentiles),
    ConcurrencyRequest: withMeaning(ConcurrencyRequest, station, queueModel, percentiles),
    TuneRequest: withMeaning(TuneRequest, estimator, queueModel, parametric),
    FitRequest: withMeaning(FitRequest, queueModel, parametric),
    SimulateRequest: withMeaning(
      SimulateRequest,
      simulationFaults,
      simulatedPlanFaults,
      ...[fleetFaults, objectiveFaults, solver, queueModel].map((check) => ofField('fleet', check)),
    ),
    InfernoRequest: formOf(InfernoRequest),
    InfernoReplicas: formOf(InfernoReplicas),
    InfernoModelData: formOf(InfernoModelData),
  };
}

/** A check of form alone, with our messages. */
export function formCheck(schema: TSchema, limits: Limits = DEFAULT_LIMITS): Check {
  const made = () => {
    const whole = inlined(schema, limits);
    return { whole, validator: Compile(whole) };
  };
  // When it is first needed: most services are asked for a few verbs only.
  let form: ReturnType<typeof made> | undefined;
  return (value) => {
    form ??= made();
    const { whole, validator } = form;
    return validator.Check(value) ? [] : faultsOf(whole, value, validator.Errors(value));
  };
}

/** A check of each run of a comparison. */
function eachRun(check: Check): Check {
  return (value) => {
    const runs: unknown = (value as Record<string, unknown> | null)?.runs;
    if (!Array.isArray(runs)) return [];
    return runs
      .slice(0, MAX_FAULTS)
      .flatMap((run, i) => check(run).map((fault) => ({ ...fault, path: `/runs/${i}${fault.path}` })));
  };
}

/** A check of what a field holds; none where it is absent. */
function ofField(field: string, check: Check): Check {
  return (value) => {
    const inside = (value as Record<string, unknown> | null)?.[field];
    if (inside === undefined) return [];
    return check(inside).map((fault) => ({ ...fault, path: `/${field}${fault.path}` }));
  };
}

/**
 * A check that a queue model, where one is named, can be fitted: it works with service-time parameters, there is nothing to estimate of
 * others; and with formulas, as a fit evaluates it thousands of times.
 */
function parametricCheck(queueModels: ReadonlyMap<string, StationStrategy>): Check {
  return (value) => {
    const { queueModel } = (value ?? {}) as Partial<AnalyzeRequest>;
    const name = typeof queueModel === 'object' ? queueModel?.name : queueModel;
    const { reads = 'serviceTime', isSimulation = false } = queueModels.get(name ?? '') ?? {};
    if (reads === 'serviceTime' && !isSimulation) return [];
    const faults = new Faults();
    const needed = isSimulation
      ? 'of formulas, to be evaluated thousands of times'
      : 'with service-time parameters';
    const instead = isSimulation ? 'simulates' : `works with ${reads}`;
    faults.add('/queueModel', `must be a queue model ${needed}; ${name} ${instead}`);
    return faults.found;
  };
}

/** A check that a choice names a strategy there is, with options that it has. */
function choiceCheck(field: string, what: string, strategies: ReadonlyMap<string, Strategy>): Check {
  const checks = new Map([...strategies].map(([name, { options }]) => [name, formCheck(options)]));
  return (value) => {
    const choice = (value as Record<string, unknown> | null)?.[field];
    const named = choice as { name?: unknown; options?: unknown } | null | undefined;
    const name = typeof choice === 'string' ? choice : named?.name;
    if (typeof name !== 'string' || name === '') return [];
    const path = typeof choice === 'string' ? `/${field}` : `/${field}/name`;
    const check = checks.get(name);
    if (!check) {
      const faults = new Faults();
      const known = [...strategies.keys()];
      faults.dangling(path, what, name, known, `; there are ${known.join(', ')}`);
      return faults.found;
    }
    const options = typeof choice === 'string' ? {} : (named?.options ?? {});
    if (typeof options !== 'object' || Array.isArray(options)) return [];
    return check(options).map((fault) => ({ ...fault, path: `/${field}/options${fault.path}` }));
  };
}
