import { at, type Edits } from '../support/service.ts';
import { fleet } from './bodies.ts';

/** Edits of a fleet that leave its form right but take its meaning, and the fault of each. */
type Row = readonly [claim: string, edits: Edits, path: string, says: RegExp];

const entry = (pointer: string, changes: object = {}) => ({ ...(at(fleet, pointer) as object), ...changes });
const noTargets = entry('/serviceClasses/1', { targets: [] });

export const DUPLICATES: Row[] = [
  [
    'accelerators',
    { '/accelerators/2': entry('/accelerators/0') },
    '/accelerators/2/name',
    /repeats the accelerator "A100" of \/accelerators\/0/,
  ],
  [
    'models',
    { '/models/1': entry('/models/0') },
    '/models/1/name',
    /repeats the model "granite_13b" of \/models\/0/,
  ],
  [
    'classes',
    { '/serviceClasses/2': entry('/serviceClasses/1') },
    '/serviceClasses/2/name',
    /repeats the service class "Free" of \/serviceClasses\/1/,
  ],
  [
    'servers',
    { '/servers/2': entry('/servers/1') },
    '/servers/2/name',
    /repeats the server .* of \/servers\/1/,
  ],
  [
    'variants',
    { '/models/0/profiles/2': entry('/models/0/profiles/0') },
    '/models/0/profiles/2/variant',
    /repeats the variant "a100-fp8"/,
  ],
  [
    'variants by default',
    { '/models/0/profiles/0/variant': 'G2' },
    '/models/0/profiles/1/variant',
    /repeats the variant "G2" of \/models\/0\/profiles\/0/,
  ],
  [
    'targets',
    { '/serviceClasses/0/targets/1': entry('/serviceClasses/0/targets/0') },
    '/serviceClasses/0/targets/1/model',
    /repeats the model "granite_13b"/,
  ],
  [
    'what runs',
    { '/servers/0/current/1': entry('/servers/0/current/0') },
    '/servers/0/current/1/variant',
    /repeats the variant "G2" of \/servers\/0\/current\/0/,
  ],
];

export const DANGLING: Row[] = [
  [
    'a class',
    { '/servers/0/serviceClass': 'Premum' },
    '/servers/0/serviceClass',
    /names the service class "Premum", which does not exist; did you mean "Premium"\?/,
  ],
  [
    'a model',
    { '/servers/0/model': 'granit_13b' },
    '/servers/0/model',
    /the model .* did you mean "granite_13b"\?/,
  ],
  [
    'an accelerator',
    { '/models/0/profiles/1/accelerator': 'G3', '/servers/0/current/0/variant': 'G3' },
    '/models/0/profiles/1/accelerator',
    /names the accelerator "G3", which does not exist; did you mean "G2"\?/,
  ],
  [
    'what runs',
    { '/servers/0/current/0': { variant: 'A10', replicas: 1 } },
    '/servers/0/current/0/variant',
    /the variant "A10", .*(did you mean|give costPerHour)/,
  ],
  [
    'nothing near',
    { '/servers/0/serviceClass': 'x'.repeat(200) },
    '/servers/0/serviceClass',
    /does not exist$/,
  ],
  [
    'a class without targets',
    { '/serviceClasses/1': noTargets },
    '/servers/1/serviceClass',
    /"Free" has no targets for model "granite_13b": add an entry to \/serviceClasses\/1\/targets/,
  ],
  [
    'a misspelt card type',
    { '/capacity': { A1OO: 16, G2: 8 } },
    '/capacity/A1OO',
    /a card type that no accelerator has; did you mean "A100"\?/,
  ],
];

const size = { inputTokens: 100, outputTokens: 100, share: 0.5 };
const ofClass = { serviceClass: 'Free', requestsPerSec: 1, inputTokens: 100, outputTokens: 100 };
const loads = { '/servers/0/serviceClass': undefined, '/servers/0/load': undefined };

export const CONTRADICTIONS: Row[] = [
  [
    'more cached than there is',
    { '/servers/0/load/cachedInputTokens': 129 },
    '/servers/0/load/cachedInputTokens',
    /at most inputTokens, 128; it is 129/,
  ],
  [
    'half a token of output',
    { '/servers/0/load/outputTokens': 0.5 },
    '/servers/0/load/outputTokens',
    /0 \(no load\) or at least 1; it is 0.5/,
  ],
  [
    'more starting than running',
    { '/servers/0/current/0/startingReplicas': 2 },
    '/servers/0/current/0/startingReplicas',
    /at most replicas, 1; it is 2/,
  ],
  [
    'at least more than at most',
    { '/servers/0/minReplicas': 65 },
    '/servers/0/maxReplicas',
    /at least minReplicas, 65; it is 64/,
  ],
  [
    'less power when full',
    { '/accelerators/1/power/fullWatts': 100 },
    '/accelerators/1/power/fullWatts',
    /at least idleWatts, 180; it is 100/,
  ],
];

/** Loads told in two ways, or in neither. */
export const LOADS: Row[] = [
  [
    'shares that are not all of the requests',
    { '/servers/1/load': { requestsPerSec: 1, sizes: [size, { ...size, share: 0.4 }] } },
    '/servers/1/load/sizes',
    /shares that add up to 1; they add up to 0.9/,
  ],
  [
    'means beside a histogram',
    { '/servers/1/load': { requestsPerSec: 1, inputTokens: 5, sizes: [size, size] } },
    '/servers/1/load/inputTokens',
    /left out where sizes is given/,
  ],
  [
    'more cached than a size has',
    { '/servers/1/load': { requestsPerSec: 1, sizes: [size, { ...size, cachedInputTokens: 101 }] } },
    '/servers/1/load/sizes/1/cachedInputTokens',
    /at most inputTokens, 100; it is 101/,
  ],
  [
    'a class beside several',
    { ...loads, '/servers/0/serviceClass': 'Free', '/servers/0/loads': [ofClass] },
    '/servers/0/serviceClass',
    /left out where loads is given/,
  ],
  [
    'an unknown class among several',
    { ...loads, '/servers/0/loads': [ofClass, { ...ofClass, serviceClass: 'Fre' }] },
    '/servers/0/loads/1/serviceClass',
    /did you mean "Free"/,
  ],
  [
    'half a token of output of one of several',
    { ...loads, '/servers/0/loads': [{ ...ofClass, outputTokens: 0.5 }] },
    '/servers/0/loads/0/outputTokens',
    /0 \(no load\) or at least 1; it is 0.5/,
  ],
  [
    'a size measured twice',
    {
      '/models/0/profiles/0/throughput/1': { inputTokens: 128, outputTokens: 1024, requestsPerSec: 3 },
    },
    '/models/0/profiles/0/throughput/1',
    /repeats the size 128 \+ 1024 of .*throughput\/0/,
  ],
];

const profile = '/models/0/profiles/0';
const correlations = { alphaBeta: 0.9, alphaGamma: 0.9, betaGamma: -0.9 };

export const UNCERTAINTIES: Row[] = [
  [
    'correlations that contradict each other',
    { [`${profile}/correlations`]: correlations },
    `${profile}/correlations`,
    /contradict each other: .*not positive semidefinite.*-2.89\). Give all three/,
  ],
  [
    'correlations rounded so that they contradict each other',
    { [`${profile}/correlations`]: { alphaBeta: 0.99, alphaGamma: -0.99, betaGamma: -0.96 } },
    `${profile}/correlations`,
    /contradict each other/,
  ],
  [
    'correlations of nothing',
    { [`${profile}/standardErrors`]: undefined },
    `${profile}/correlations`,
    /says nothing without standardErrors/,
  ],
  [
    'errors of nothing',
    { [`${profile}/serviceTime`]: undefined },
    `${profile}/standardErrors`,
    /says nothing without serviceTime/,
  ],
  [
    'an error of a parameter that is 0',
    { [`${profile}/serviceTime/betaMsPerToken`]: 0 },
    `${profile}/standardErrors/betaMsPerToken`,
    /must be 0 where betaMsPerToken is 0: errors are relative to the parameter; it is 0.01/,
  ],
];
