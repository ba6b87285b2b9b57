import { readFileSync } from 'node:fs';
import { run } from '../../../platform/cli';

interface Case {
  readonly parameters: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** Run as a process of its own, as the platform is ESM: several command lines in one, as that is what takes the time. */
const cases = JSON.parse(readFileSync(0, 'utf8')) as Case[];
const original = { ...process.env };
const writers = {
  stdout: process.stdout.write.bind(process.stdout),
  stderr: process.stderr.write.bind(process.stderr),
};
const results: { status: number; stdout: string; stderr: string }[] = [];

for (const { parameters, environment } of cases) {
  const written = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    process[stream].write = (text) => {
      written[stream] += String(text);
      return true;
    };
  }
  process.env = { ...original, ...environment };
  process.exitCode = 0;
  try {
    await run(parameters);
  } finally {
    process.stdout.write = writers.stdout;
    process.stderr.write = writers.stderr;
  }
  results.push({ status: process.exitCode, ...written });
}
process.exitCode = 0;
process.stdout.write(JSON.stringify(results));
