import type { Progress } from '../operations/operation.ts';

export interface Told {
  /** false: the body is a problem, or cannot be read. */
  readonly isAnswer: boolean;
  readonly body: unknown;
}

/** What a service has answered: JSON, or server-sent events that end with the answer or a problem. */
export async function toldBy(response: Response, progress?: Progress): Promise<Told> {
  const isEvents = response.headers.get('content-type')?.startsWith('text/event-stream');
  if (!isEvents || !response.body) {
    const body: unknown = await response.json().catch(() => undefined);
    return { isAnswer: response.ok && body !== undefined, body };
  }
  let pending = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    pending += decoder.decode(chunk, { stream: true });
    for (let end = pending.indexOf('\n\n'); end >= 0; end = pending.indexOf('\n\n')) {
      const { event, data } = eventOf(pending.slice(0, end));
      pending = pending.slice(end + 2);
      if (event === 'progress') progress?.((data as { share: number }).share);
      else return { isAnswer: event === 'answer', body: data };
    }
  }
  return { isAnswer: false, body: undefined };
}

function eventOf(text: string): { event: string; data: unknown } {
  const field = (name: string) =>
    text
      .split('\n')
      .flatMap((line) => (line.startsWith(`${name}: `) ? [line.slice(name.length + 2)] : []))
      .join('\n');
  return { event: field('event'), data: JSON.parse(field('data')) };
}
