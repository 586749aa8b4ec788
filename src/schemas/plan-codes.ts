// The closed lists of codes that a plan explains itself with.

/** Why an allocation is what it is. */
export const REASONS = {
  'ttft-bound': 'The TTFT target limits the rate of a replica, and so sets the number of replicas.',
  'itl-bound': 'The ITL target limits the rate of a replica, and so sets the number of replicas.',
  'e2e-bound': 'The end-to-end target limits the rate of a replica, and so sets the number of replicas.',
  'tokens-bound': 'The token rate demanded limits the rate of a replica, and so sets the number of replicas.',
  'stability-bound':
    'The highest stable rate of a replica sets the number of replicas; the targets hold at it.',
  'one-replica': 'One replica carries the load.',
  'min-replicas': '`minReplicas` sets the number of replicas; the load needs fewer.',
  'max-replicas': '`maxReplicas` cuts what the load needs.',
  'cards-short': 'The cards left cut what the load needs.',
  mixed: 'Several variants share the load: together they serve it better than one.',
  'no-load': 'There is no load: `minReplicas` replicas, or nothing.',
  'load-unknown': 'The load is unknown: what runs is kept.',
  'model-unknown': 'No variant that may serve has what the queue model works with: what runs is kept.',
  'nothing-allocated': 'Nothing is allocated; `shortfall` says why.',
} as const;
export type ReasonCode = keyof typeof REASONS;

/** Why a server does not get all that it needs. */
export const SHORTFALLS = {
  'no-capacity': 'Too few cards are left.',
  'targets-unreachable': 'No variant reaches the targets, even with no load.',
  'no-profile': 'The model has no profile.',
  'model-unknown': 'No profile has yet what the queue model works with.',
  'request-too-large': 'No KV cache can hold one request.',
  'pinned-elsewhere': 'It is pinned to a variant that no profile describes.',
  'node-too-small': 'No node holds the cards of one replica.',
  'size-unmeasured': 'No profile has a measured rate for some request size.',
  'max-replicas': 'More replicas are needed than `maxReplicas` allows.',
  'load-unknown': 'The load is unknown and fewer than `minReplicas` run.',
} as const;

/** Why a variant is no candidate for a server. */
export const EXCLUSIONS = {
  'targets-unreachable': 'A target lies below what an empty replica reaches.',
  'model-unknown':
    'The profile has not yet what the queue model works with: service-time parameters, or measured rates.',
  'request-too-large': 'The KV cache cannot hold one request.',
  'pinned-elsewhere': 'The server is pinned to another variant.',
  'node-too-small': 'No node holds the cards of one replica.',
  'size-unmeasured': 'The profile has no measured rate for some request size.',
} as const;
