import { basename } from 'node:path';
import { isObject, type Json } from '../schemas/fault-list.ts';
import type { FitPoint } from '../schemas/fit.ts';
import type { Fault } from '../schemas/problem.ts';
import { countOf, InputError, parseJson, readText, sourceName } from './input.ts';

/** A report or an observation, and where it stands. */
interface Part {
  readonly file: string;
  /** JSON Pointer within the file. */
  readonly path: string;
  readonly label: string;
  readonly value: unknown;
}

const LISTS = ['reports', 'observations'] as const;
type List = (typeof LISTS)[number];

/** Files of benchmarks as one request to `/fit`, and back from its points and faults to the files. */
export class BenchmarkFiles {
  readonly #files: readonly string[];
  readonly #parts: Readonly<Record<List, Part[]>> = { reports: [], observations: [] };
  /** What files say of how to fit: the station, the terms, the queue model. */
  readonly #settings = new Map<string, { readonly file: string; readonly value: unknown }>();

  /** @throws InputError naming a file that cannot be read, or two that contradict one another */
  static async read(files: readonly string[]): Promise<BenchmarkFiles> {
    const read = new BenchmarkFiles(files);
    // One after the other: standard input can be read once.
    for (const file of files) read.#add(file, await contentOf(file));
    return read;
  }

  private constructor(files: readonly string[]) {
    this.#files = files;
  }

  #add(file: string, content: unknown): void {
    const label = labelOf(file, this.#files);
    // GuideLLM's JSON has "benchmarks"; flat records are an array, its CSV is text.
    if (!isObject(content) || 'benchmarks' in content) {
      this.#parts.reports.push({ file, path: '', label, value: withoutRequests(content) });
      return;
    }
    for (const [key, value] of Object.entries(content)) {
      if (LISTS.some((list) => list === key)) this.#addList(file, label, key as List, value);
      else if (this.#settings.has(key)) throw this.#twice(key, file);
      else this.#settings.set(key, { file, value });
    }
  }

  #addList(file: string, label: string, list: List, value: unknown): void {
    if (!Array.isArray(value)) {
      throw InputError.ofFaults(file, 'one fault', [{ path: `/${list}`, message: 'must be an array' }]);
    }
    for (const [i, entry] of value.entries()) {
      const isOneOfSeveral = list === 'reports' && value.length > 1;
      this.#parts[list].push({
        file,
        path: `/${list}/${i}`,
        label: isOneOfSeveral ? `${label} ${i + 1}` : label,
        value: list === 'reports' ? withoutRequests(entry) : entry,
      });
    }
  }

  #twice(key: string, file: string): InputError {
    const other = sourceName(this.#settings.get(key)!.file);
    return new InputError(
      `${other} and ${sourceName(file)} both have "${key}": fit them apart, or take it out.`,
    );
  }

  /** What they ask for together; it is checked later. */
  get request(): Record<string, unknown> {
    const { reports, observations } = this.#parts;
    return {
      ...Object.fromEntries([...this.#settings].map(([key, { value }]) => [key, value])),
      ...(reports.length > 0 && { reports: reports.map(({ value }) => value) }),
      ...(observations.length > 0 && { observations: observations.map(({ value }) => value) }),
    };
  }

  /** What a message calls all of them. */
  get source(): string {
    return this.#files.map(sourceName).join(', ');
  }

  /** For each point what to call the report or file that it came from. */
  labels(points: readonly Pick<FitPoint, 'report'>[]): string[] {
    const { reports, observations } = this.#parts;
    let seen = 0;
    return points.map(({ report }) => (report === null ? observations[seen++] : reports[report]).label);
  }

  /** An error whose faults name each its file, and the path in it. */
  located(error: unknown, flags: readonly string[]): unknown {
    if (!(error instanceof InputError) || error.faults.length === 0) return error;
    const bySource = new Map<string, Fault[]>();
    for (const { path, message } of error.faults) {
      const { source, inside } = this.#place(path, flags);
      bySource.set(source, [...(bySource.get(source) ?? []), { path: inside, message }]);
    }
    const messages = [...bySource].map(
      ([source, faults]) => InputError.ofFaults(source, countOf(faults.length), faults).message,
    );
    return new InputError(messages.join('\n'));
  }

  #place(path: string, flags: readonly string[]): { readonly source: string; readonly inside: string } {
    const [, list, index, rest] = /^\/(reports|observations)\/(\d+)(.*)$/.exec(path) ?? [];
    const part = list && this.#parts[list as List][Number(index)];
    if (part) return { source: part.file, inside: `${part.path}${rest}` };
    if (flags.some((flag) => path.startsWith(flag))) return { source: 'the flags', inside: path };
    const setting = this.#settings.get(path.split('/')[1]);
    return { source: setting?.file ?? this.source, inside: path };
  }
}

/** JSON where it begins as such, else the text, which is CSV. */
async function contentOf(file: string): Promise<unknown> {
  const content = await readText(file);
  return /^\s*[[{]/.test(content) ? parseJson(content, file) : content;
}

/** The name of the file, as long as that tells it from the others. */
function labelOf(file: string, files: readonly string[]): string {
  const short = (name: string) => (name === '-' ? 'stdin' : basename(name).replace(/\.(json|csv)$/i, ''));
  const isAlone = files.filter((other) => short(other) === short(file)).length === 1;
  return isAlone ? short(file) : file;
}

/** A report without the requests that it recorded: nobody looks at them, and they are nearly all of it. */
function withoutRequests(report: unknown): unknown {
  if (!isObject(report) || !Array.isArray(report.benchmarks)) return report;
  const benchmarks = report.benchmarks.map((benchmark: unknown) => {
    if (!isObject(benchmark)) return benchmark;
    const { requests: _, ...kept }: Json = benchmark;
    return kept;
  });
  return { ...report, benchmarks };
}
