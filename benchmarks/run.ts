import { spawn } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Command, InvalidArgumentError } from 'commander';
import { figuresOf, table, type Figure, type Report } from './figures';

const CHECKOUT = join(__dirname, '..');

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly seconds: number;
}

/** Runs a command of this checkout; what it says on standard error is shown as it comes. */
const run = async (command: string, parameters: readonly string[]): Promise<Ended> => {
  const started = performance.now();
  const child = spawn(command, parameters, { cwd: CHECKOUT, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  const [stdout, status] = await Promise.all([text(child.stdout), ended]);
  return { status, stdout, seconds: (performance.now() - started) / 1000 };
};

const tell = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** @throws Error where a check failed: the times of such a run say nothing */
const rehearse = async (profile: string): Promise<Report> => {
  const parameters = ['lab', 'rehearse', '--json', '--profile', profile, '--scenario', 'vip-failover'];
  const { status, stdout } = await run(process.execPath, [join('bin', 'groundwork.cjs'), ...parameters]);
  if (stdout === '') throw new Error(`the rehearsal gave no report and ended with status ${status ?? 'none'}`);
  const report = JSON.parse(stdout) as Report;
  const failed = report.checks.filter((result) => result.status === 'FAIL');
  if (failed.length > 0) throw new Error(failed.map(({ check, fact }) => `${check} failed: ${fact}`).join('\n'));
  return report;
};

const setUp = async (): Promise<number> => {
  const { status, seconds } = await run('npm', ['run', '--silent', 'setup']);
  if (status !== 0) throw new Error(`npm run setup ended with status ${status ?? 'none'}`);
  return seconds;
};

const wholeNumber = (given: string): number => {
  const count = Number(given);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('give a whole number of 1 or more');
  return count;
};

const main = async (): Promise<void> => {
  const program = new Command('run.ts')
    .description('Times of set-up, synth, deploy, second plan and destroy in the rehearsal lab, and its memory')
    .argument('[runs]', 'rehearsals, one after the other', wholeNumber, 3)
    .option('--profile <name>', 'how long things take that only take time on hardware: instant or typical', 'instant')
    .option('--json', 'every value as JSON')
    .parse();
  const { profile, json = false } = program.opts<{ profile: string; json?: boolean }>();
  const [runs] = program.processedArgs as [number];
  const setUps: number[] = [];
  const reports: Report[] = [];
  for (let count = 1; count <= runs; count += 1) {
    tell(`run ${count} of ${runs}`);
    setUps.push(await setUp());
    reports.push(await rehearse(profile));
  }
  const figures: readonly Figure[] = [{ name: 'set-up, warm', unit: 's', values: setUps }, ...figuresOf(reports)];
  const [cpu] = cpus();
  const computer = `${cpus().length} x ${cpu?.model ?? 'unknown'}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.version}`;
  if (json) process.stdout.write(`${JSON.stringify({ version: 1, computer, profile, figures }, null, 2)}\n`);
  else process.stdout.write(`${computer}; profile ${profile}; ${runs} runs\n\n${table(figures)}\n`);
};

main().catch((error: unknown) => {
  tell(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
