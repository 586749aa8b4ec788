import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import ignore from '@balena/dockerignore';
import { type Copy, DockerfileParser, type From, type Instruction } from 'dockerfile-ast';

const run = promisify(execFile);

/** What a Dockerfile's last stage comes to, in a folder instead of an image. */
export interface Built {
  /** The folder that stands for `/`. */
  readonly root: string;
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly user: string;
  readonly baseImages: readonly string[];
  readonly command: readonly string[];
  readonly healthCommand: readonly string[];
}

interface Stage {
  readonly root: string;
  workingDirectory: string;
  user: string;
  readonly environment: Record<string, string>;
}

/** Follows the steps of `Dockerfile` in `context` in empty folders, where there is no container runtime. Base images count as empty. */
export async function build(context: string): Promise<Built> {
  const dockerfile = DockerfileParser.parse(await readFile(join(context, 'Dockerfile'), 'utf8'));
  const ignored = ignore.default().add(await readFile(join(context, '.dockerignore'), 'utf8'));
  const folder = await mkdtemp(join(tmpdir(), 'brazier-image-'));
  const stages = new Map<string, Stage>();
  const baseImages: string[] = [];
  let stage!: Stage;
  let command: string[] = [];
  let healthCommand: string[] = [];

  const copy = async (instruction: Copy) => {
    const from = instruction.getFromFlag()?.getValue();
    const source = from ? stages.get(from)! : null;
    const paths = instruction.getArguments().map((argument) => argument.getValue());
    const target = paths.pop()!;
    const isFolder = target.endsWith('/');
    for (const path of paths) {
      const origin = source ? join(source.root, path) : join(context, path);
      const destination = join(stage.root, stage.workingDirectory, target, isFolder ? basename(path) : '');
      await mkdir(dirname(destination), { recursive: true });
      const root = source ? '' : context;
      await cp(origin, destination, {
        recursive: true,
        filter: async (file) => {
          if (source) return true;
          const relative = file.slice(root.length).replace(/^\//, '');
          return (await stat(file)).isDirectory() || !ignored.ignores(relative);
        },
      });
    }
  };

  const steps: Record<string, (instruction: Instruction) => Promise<void> | void> = {
    FROM: async (instruction) => {
      const from = instruction as From;
      baseImages.push(from.getImage()!);
      const root = join(folder, from.getBuildStage() ?? 'image');
      await mkdir(root, { recursive: true });
      stage = { root, workingDirectory: '/', user: '', environment: {} };
      stages.set(from.getBuildStage() ?? 'image', stage);
    },
    WORKDIR: async (instruction) => {
      stage.workingDirectory = instruction.getArgumentsContent()!;
      await mkdir(join(stage.root, stage.workingDirectory), { recursive: true });
    },
    COPY: (instruction) => copy(instruction as Copy),
    RUN: async (instruction) => {
      const cwd = join(stage.root, stage.workingDirectory);
      const env = { ...process.env, ...stage.environment, npm_config_prefer_offline: 'true' };
      await run('sh', ['-c', instruction.getArgumentsContent()!], { cwd, env, maxBuffer: 1e8 });
    },
    ENV: (instruction) => {
      for (const argument of instruction.getArguments()) {
        const [name, value] = argument.getValue().split('=');
        stage.environment[name] = value;
      }
    },
    USER: (instruction) => {
      stage.user = instruction.getArgumentsContent()!;
    },
    EXPOSE: () => {},
    CMD: (instruction) => {
      command = stringsOf(instruction);
    },
    HEALTHCHECK: (instruction) => {
      healthCommand = stringsOf(instruction);
    },
  };
  for (const instruction of dockerfile.getInstructions()) {
    const step = steps[instruction.getKeyword()];
    if (!step) throw new Error(`${instruction.getKeyword()} is not a step that can be followed`);
    await step(instruction);
  }
  const { root, workingDirectory, environment, user } = stage;
  return { root, workingDirectory, environment, user, baseImages, command, healthCommand };
}

/** The exec form of a command, a list of strings; a shell form has none, and needs a shell at run time. */
function stringsOf(instruction: Instruction): string[] {
  const list = /\[.*\]$/s.exec(instruction.getArgumentsContent() ?? '');
  return list ? (JSON.parse(list[0]) as string[]) : [];
}

/** Every file below a folder, with its size in bytes. */
export async function filesBelow(folder: string): Promise<ReadonlyMap<string, number>> {
  const files = new Map<string, number>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath ?? entry.path, entry.name);
    files.set(path.slice(folder.length), (await stat(path)).size);
  }
  return files;
}
