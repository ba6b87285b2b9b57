import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { infrastructure } from '../../clusters/infrastructure';
import type { Finding } from '../../operations/finding';
import { expectSuccess } from '../rehearsal/expectations';
import { LabSession } from '../rehearsal/lab-session';
import { FAULTS, type Fault } from './health-faults';
import { bringServices, SERVICE_FAULTS } from './health-services';

const LIMIT_MS = 15 * 60_000;
/** Kubernetes calls a silent node NotReady after 50 s. */
const PATIENCE_MS = 150_000;
const PROGRAM = [process.execPath, join(__dirname, '..', '..', 'bin', 'groundwork.cjs'), 'health', '--json'];

/** A line of `--watch`. */
interface Report {
  readonly format: number;
  readonly cluster: string;
  readonly findings: readonly Finding[];
}

interface Looked {
  readonly status: number;
  /** As `FAIL machines`; what passed is left out. */
  readonly defects: readonly string[];
  readonly findings: readonly Finding[];
}

describe('O-1 health of a cluster that is broken in one place after the other', () => {
  let session: LabSession;
  beforeAll(async () => {
    session = await LabSession.start(infrastructure);
    expectSuccess(await session.deploy());
  }, LIMIT_MS);
  afterAll(() => session.stop(), LIMIT_MS);

  const look = async (environment: Readonly<Record<string, string>> = {}): Promise<Looked> => {
    const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    const { status, stdout, stderr } = await session.run(['env', ...variables, ...PROGRAM]);
    if (stdout === '') throw new Error(`groundwork health: status ${status}: ${stderr}`);
    const { findings } = JSON.parse(stdout) as { readonly findings: readonly Finding[] };
    const defects = findings.filter(({ outcome }) => outcome !== 'PASS');
    return { status, findings, defects: defects.map(({ outcome, check }) => `${outcome} ${check}`) };
  };

  const failed = ({ findings }: Pick<Looked, 'findings'>): readonly string[] =>
    findings.filter(({ outcome }) => outcome === 'FAIL').map(({ check, fact }) => `${check}: ${fact}`);

  /** Looks until just these checks fail, twice in a row; gives the last look. */
  const until = async (checks: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Looked> => {
    const end = Date.now() + PATIENCE_MS;
    let before = false;
    for (;;) {
      const looked = await look(environment);
      const names = looked.findings.filter(({ outcome }) => outcome === 'FAIL').map(({ check }) => check);
      const asExpected = JSON.stringify(names) === JSON.stringify(checks);
      if ((asExpected && before) || Date.now() > end) return looked;
      before = asExpected;
      await sleep(1000);
    }
  };

  test(
    'a cluster that was just deployed is well; kwok plays no Flux and no load balancer',
    async () => {
      const looked = await until([]);
      expect(failed(looked)).toEqual([]);
      expect(looked.status).toBe(0);
      expect(looked.defects).toEqual(['SKIP flux-sync', 'SKIP ingress', 'SKIP dns']);
    },
    LIMIT_MS,
  );

  test(
    '--watch looks again until it is interrupted, a line of JSON for each look',
    async () => {
      const interrupted = ['timeout', '--preserve-status', '--signal=INT', '40', ...PROGRAM, '--watch', '1'];
      const { status, stdout } = await session.run(interrupted);
      const lines = stdout.trim().split('\n');
      expect(lines.length).toBeGreaterThan(1);
      const looks = lines.map((line) => JSON.parse(line) as Report);
      expect(looks.every(({ format, cluster }) => format === 1 && cluster === 'infrastructure')).toBe(true);
      expect(looks.map(failed).filter((facts) => facts.length > 0)).toEqual([]);
      expect(status).toBe(0);
    },
    LIMIT_MS,
  );

  const named = (faults: readonly Fault[]) => faults.map((one) => [one.fault, one.check, one] as const);
  const isNamed = async (check: string, { breakIt, mendIt, environment }: Fault): Promise<void> => {
    await breakIt(session);
    try {
      const looked = await until([check], environment);
      expect(failed(looked)).toEqual([expect.stringMatching(new RegExp(`^${check}: `)) as string]);
      expect(looked.status).toBe(1);
    } finally {
      await mendIt(session);
    }
    expect(failed(await until([]))).toEqual([]);
  };

  test.each(named(FAULTS))('%s: %s fails, and no other', (_fault, check, fault) => isNamed(check, fault), LIMIT_MS);

  test(
    'nothing is left out where Flux has applied its repository, and gateway and name server answer',
    async () => {
      await bringServices(session);
      expect((await until([])).defects).toEqual([]);
    },
    LIMIT_MS,
  );

  test.each(named(SERVICE_FAULTS))(
    '%s: %s fails, and no other',
    (_fault, check, fault) => isNamed(check, fault),
    LIMIT_MS,
  );
});
