/** Series as promtool writes them (one value a minute), with which an alert fires after some time, and with which it stays quiet. */
export interface AlertCase {
  readonly alert: string;
  readonly atMinutes: number;
  readonly fires: Readonly<Record<string, string>>;
  readonly quiet: Readonly<Record<string, string>>;
}

const requests = (status: string) => `brazier_http_requests_total{namespace="n",status="${status}"}`;
const within = (seconds: string) =>
  `brazier_http_request_duration_seconds_bucket{namespace="n",method="POST",le="${seconds}"}`;
const heavy = (outcome: string) => `brazier_heavy_requests_total{namespace="n",outcome="${outcome}"}`;
const plans = (status: string) => `brazier_optimizations_total{namespace="n",status="${status}"}`;
const short = (code: string) => `brazier_shortfalls_total{namespace="n",code="${code}"}`;
const DIED = 'brazier_worker_restarts_total{namespace="n",cause="died"}';
const QUEUE = 'brazier_queue_length{namespace="n",pod="p"}';
const QUEUE_LIMIT = 'brazier_queue_limit{namespace="n",pod="p"}';
const LAG = 'nodejs_eventloop_lag_p99_seconds{namespace="n",pod="p",job="brazier"}';
const MEMORY = 'process_resident_memory_bytes{namespace="n",pod="p",job="brazier"}';
const PAIRS = 'brazier_tuner_pairs{namespace="n",pod="p"}';
const PAIRS_LIMIT = 'brazier_tuner_pairs_limit{namespace="n",pod="p"}';
const OFF = { pairs: PAIRS.replace('"p"', '"off"'), limit: PAIRS_LIMIT.replace('"p"', '"off"') };
const UP = 'up{job="brazier"}';

export const ALERT_CASES: readonly AlertCase[] = [
  { alert: 'BrazierAbsent', atMinutes: 10, fires: { [UP]: '0x60' }, quiet: { [UP]: '1x60' } },
  {
    alert: 'BrazierErrors',
    atMinutes: 30,
    fires: { [requests('500')]: '0+6x60' },
    quiet: { [requests('500')]: '7x60', [requests('200')]: '0+60x60' },
  },
  {
    alert: 'BrazierRefusals',
    atMinutes: 30,
    fires: { [requests('503')]: '0+6x60', [requests('200')]: '0+60x60' },
    quiet: { [requests('503')]: '0+1x60', [requests('200')]: '0+60x60' },
  },
  {
    alert: 'BrazierTimeLimits',
    atMinutes: 30,
    fires: { [heavy('time-limit')]: '0+1x60' },
    quiet: { [heavy('time-limit')]: '3x60', [heavy('answered')]: '0+1x60' },
  },
  {
    alert: 'BrazierSlow',
    atMinutes: 40,
    fires: { [within('10')]: '0+90x60', [within('30')]: '0+100x60', [within('+Inf')]: '0+100x60' },
    quiet: { [within('10')]: '0+100x60', [within('30')]: '0+100x60', [within('+Inf')]: '0+100x60' },
  },
  {
    alert: 'BrazierWorkersDie',
    atMinutes: 20,
    fires: { [DIED]: '0+1x60' },
    quiet: { [DIED]: '0x10 1x50' },
  },
  {
    alert: 'BrazierQueueFull',
    atMinutes: 20,
    fires: { [QUEUE]: '60x60', [QUEUE_LIMIT]: '64x60' },
    quiet: { [QUEUE]: '10x60', [QUEUE_LIMIT]: '64x60' },
  },
  { alert: 'BrazierEventLoopLag', atMinutes: 20, fires: { [LAG]: '0.5x60' }, quiet: { [LAG]: '0.05x60' } },
  {
    alert: 'BrazierMemoryGrows',
    atMinutes: 590,
    fires: { [MEMORY]: '200000000+2000000x600' },
    quiet: { [MEMORY]: '500000000x600' },
  },
  {
    alert: 'BrazierTunerFull',
    atMinutes: 60,
    fires: { [PAIRS]: '4x60', [PAIRS_LIMIT]: '4x60' },
    quiet: { [PAIRS]: '3x60', [PAIRS_LIMIT]: '4x60', [OFF.pairs]: '0x60', [OFF.limit]: '0x60' },
  },
  {
    alert: 'BrazierShortfalls',
    atMinutes: 60,
    fires: { [plans('shortfall')]: '0+60x90', [plans('complete')]: '0+1x90' },
    quiet: { [plans('shortfall')]: '0+30x90', [plans('complete')]: '0+30x90' },
  },
  {
    alert: 'BrazierTargetsUnreachable',
    atMinutes: 60,
    fires: { [short('targets-unreachable')]: '0+1x90' },
    quiet: { [short('no-capacity')]: '0+60x90' },
  },
];
