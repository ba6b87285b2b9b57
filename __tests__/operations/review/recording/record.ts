import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { TerraformWorkspace } from '../../../../operations/terraform/workspace';
import { infrastructure } from '../../../../clusters/infrastructure';
import { CASES, type RecordedCase } from './cases';

/**
 * Runs inside a lab with the default cluster deployed: plans each case, and writes the plans as they are, with the lab's
 * secrets, to the folder that is given. `__tests__/long/review.test.ts` runs it.
 * Usage: `groundwork lab shell -- node -r tsx/cjs __tests__/operations/review/recording/record.ts <folder> [case...]`
 */
const clustersWith = (spec: object): string => {
  const folder = mkdtempSync(join(tmpdir(), 'clusters-'));
  writeFileSync(join(folder, 'infrastructure.ts'), `export const infrastructure = ${JSON.stringify(spec)};\n`);
  return folder;
};

const workspace = <T>(spec: object, use: (workspace: TerraformWorkspace) => Promise<T>): Promise<T> =>
  TerraformWorkspace.use(
    {
      stack: 'infrastructure',
      environment: {
        ...process.env,
        GROUNDWORK_CLUSTERS_DIR: clustersWith(spec),
        TF_VAR_tailscale_auth_key: 'rehearsal-key',
      },
    },
    use,
  );

const change = async ([method, path, fields]: NonNullable<RecordedCase['outside']>[number]): Promise<void> => {
  const answer = await fetch(new URL(`api2/json/${path}`, infrastructure.proxmox.endpoint), {
    method,
    headers: { authorization: `PVEAPIToken=${process.env['PROXMOX_VE_API_TOKEN'] ?? ''}` },
    ...(method === 'DELETE' ? {} : { body: new URLSearchParams(fields) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${answer.statusText} ${await answer.text()}`);
  await after(3000); // the task behind it
};

const main = async ([folder = '', ...names]: readonly string[]): Promise<void> => {
  mkdirSync(folder, { recursive: true });
  for (const { name, spec = infrastructure, parameters = [], outside = [] } of CASES) {
    if (names.length > 0 && !names.includes(name)) continue;
    for (const request of outside) await change(request);
    try {
      const plan = await workspace(spec, (planned) => planned.plan(parameters));
      writeFileSync(join(folder, `${name}.json`), JSON.stringify(plan), { mode: 0o600 });
      process.stderr.write(`${name}\n`);
    } catch (error) {
      process.stderr.write(`FAILED ${name}: ${(error as Error).message}\n`);
      process.exitCode = 1;
    }
  }
};

void main(process.argv.slice(2));
