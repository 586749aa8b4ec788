import { PassThrough } from 'node:stream';
import type { Problem } from '../schemas/problem.ts';

/** Proxies are told to pass events on as they come. */
export const EVENT_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
} as const;

/** How far an answer is, then the answer or the failure, as server-sent events (HTML Living Standard, §9.2). */
export class EventStream {
  readonly stream = new PassThrough();
  /** Resolves when there is something to send. */
  readonly begun: Promise<void>;
  #begin!: () => void;

  constructor() {
    this.begun = new Promise((resolve) => {
      this.#begin = resolve;
    });
    // Who has gone needs no events.
    this.stream.on('error', () => {});
  }

  progress(share: number): void {
    this.#send('progress', JSON.stringify({ share }));
    this.#begin();
  }

  /** @param json the answer, on one line */
  answer(json: Buffer): void {
    this.#send('answer', json);
    this.stream.end();
  }

  error(problem: Problem): void {
    this.#send('error', JSON.stringify(problem));
    this.stream.end();
  }

  #send(event: string, json: string | Buffer): void {
    if (this.stream.destroyed || this.stream.writableEnded) return;
    this.stream.write(`event: ${event}\ndata: `);
    this.stream.write(json);
    this.stream.write('\n\n');
  }
}

/** Whether an Accept header asks for events, at least as much as for JSON (RFC 9110, §12.5.1; without wildcards). */
export function prefersEvents(accept = ''): boolean {
  const qualities = new Map(
    accept.split(',').map((range) => {
      const [type, ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
      const quality = parameters.find((parameter) => parameter.startsWith('q='));
      return [type, quality === undefined ? 1 : Number(quality.slice(2)) || 0];
    }),
  );
  const ofEvents = qualities.get('text/event-stream') ?? 0;
  return ofEvents > 0 && ofEvents >= (qualities.get('application/json') ?? 0);
}
