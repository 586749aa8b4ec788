import type { WriteStream } from 'node:tty';

/** What shows how far some work is. */
export interface ProgressBar {
  /** @param share what is done, 0 … 1 */
  readonly update: (share: number) => void;
  readonly stop: () => void;
}

/** Work that is done sooner shows no bar. */
const PATIENCE_MS = 300;

/** A bar where the stream is a terminal; else nothing. It appears when the work lasts, and goes when it is done. */
export async function progressBar(
  what: string,
  stream: Pick<WriteStream, 'isTTY'> & NodeJS.WritableStream = process.stderr,
): Promise<ProgressBar> {
  if (!stream.isTTY) return { update: () => {}, stop: () => {} };
  const { default: progress } = await import('cli-progress');
  const bar = new progress.SingleBar({
    stream,
    format: `${what} {bar} {percentage} %`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    clearOnComplete: true,
    // An interrupt ends the program at once, as without the bar.
    gracefulExit: false,
  });
  const begin = performance.now();
  let isShown = false;
  return {
    update(share) {
      if (isShown) bar.update(share);
      else if (performance.now() - begin > PATIENCE_MS) {
        bar.start(1, share);
        isShown = true;
      }
    },
    stop: () => bar.stop(),
  };
}
