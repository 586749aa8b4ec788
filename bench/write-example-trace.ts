import { exampleTrace } from './example-trace.ts';

process.stdout.write(exampleTrace());
