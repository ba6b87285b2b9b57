/**
 * Records what the real provider asks for, into ../recorded/bpg-<version>/. Not a test: run it after a change of
 * the provider's version or of scenarios.ts.
 * Usage: `GROUNDWORK_TOOLCHAIN=<manifest> node -r tsx/cjs __tests__/lab/proxmox/recording/record.ts [<scenario>…]`
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { remoteFiles } from '../../../../lab/proxmox/storage/remote-files';
import { selfSigned } from '../../../setup/certificate';
import { type DataCentre, dataCentre } from '../data-centre';
import { talosImage } from '../images';
import { recordingOf } from '../recordings';
import { type Scenario, SCENARIOS, type Step } from './scenarios';

interface Toolchain {
  readonly terraform: string;
  readonly terraformCliConfig: string;
  readonly providerVersions: { readonly proxmox: string };
}

/** Gives the Talos image for every path that ends in `.qcow2`; the provider's URLs are sent to it. */
const startFactory = async () => {
  const certificate = await selfSigned();
  const image = talosImage();
  const server = createServer(certificate, (request, response) => {
    if (request.url?.endsWith('.qcow2') !== true) return void response.writeHead(404).end();
    response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': image.length });
    response.end(request.method === 'HEAD' ? undefined : image);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const files = remoteFiles([certificate.cert]);
  const here = (url: string): string => url.replace('https://factory.talos.dev/', `https://127.0.0.1:${port}/`);
  return {
    remote: {
      head: (url: string, verify: boolean) => files.head(here(url), verify),
      download: (url: string, verify: boolean, path: string, signal: AbortSignal) =>
        files.download(here(url), verify, path, signal),
    },
    close: () => void server.close(),
  };
};

const terraform = (
  { terraform: binary, terraformCliConfig }: Toolchain,
  folder: string,
  caFile: string,
  ...words: string[]
): Promise<{ code: number; output: string }> =>
  new Promise((resolve) => {
    const env = {
      PATH: process.env['PATH'],
      HOME: folder,
      TF_CLI_CONFIG_FILE: terraformCliConfig,
      SSL_CERT_FILE: caFile,
      TMPDIR: folder,
      CHECKPOINT_DISABLE: '1',
    };
    const child = spawn(binary, [...words, '-no-color', '-input=false'], { cwd: folder, env });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });

const COMMANDS: Readonly<Record<Step['run'], readonly string[]>> = {
  apply: ['apply', '-auto-approve'],
  'failing-apply': ['apply', '-auto-approve'],
  plan: ['plan', '-detailed-exitcode'],
  destroy: ['destroy', '-auto-approve'],
};

const configuration = (
  { providerVersions }: Toolchain,
  { credential }: Scenario,
  url: string,
  { resources, data }: Step,
): string => {
  const login =
    credential === 'password' ? { username: 'root@pam', password: 'correct horse' } : { api_token: credential };
  return JSON.stringify({
    terraform: { required_providers: { proxmox: { source: 'bpg/proxmox', version: providerVersions.proxmox } } },
    provider: { proxmox: { endpoint: `${url}/`, ...login } },
    ...(resources === undefined ? {} : { resource: resources }),
    ...(data === undefined ? {} : { data }),
  });
};

const record = async (toolchain: Toolchain, scenario: Scenario, centre: DataCentre): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'record-'));
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, centre.certificate);
  const out = join(__dirname, '..', 'recorded', `bpg-${toolchain.providerVersions.proxmox}`);
  mkdirSync(out, { recursive: true });
  try {
    for (const [index, step] of scenario.steps.entries()) {
      writeFileSync(join(folder, 'main.tf.json'), configuration(toolchain, scenario, centre.proxmox.url, step));
      if (index === 0) {
        const { code, output } = await terraform(toolchain, folder, caFile, 'init');
        if (code !== 0) throw new Error(output);
      }
      const from = centre.proxmox.requests.length;
      const { code, output } = await terraform(toolchain, folder, caFile, ...(COMMANDS[step.run] as string[]));
      if ((code !== 0) !== (step.run === 'failing-apply'))
        throw new Error(`${scenario.scenario}-${step.step}: ${output}`);
      await centre.proxmox.idle();
      const entries = recordingOf(centre.proxmox.requests.slice(from));
      writeFileSync(join(out, `${scenario.scenario}-${step.step}.json`), `${JSON.stringify(entries, null, 2)}\n`);
      process.stdout.write(`${scenario.scenario}-${step.step}: ${entries.length} calls\n`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const main = async (names: readonly string[]): Promise<void> => {
  const toolchain = JSON.parse(readFileSync(process.env['GROUNDWORK_TOOLCHAIN'] ?? '', 'utf8')) as Toolchain;
  for (const scenario of SCENARIOS.filter((candidate) => names.length === 0 || names.includes(candidate.scenario))) {
    const factory = await startFactory();
    const centre = await dataCentre({ remote: factory.remote });
    try {
      await record(toolchain, scenario, centre);
      const { vms, disks, images } = centre.proxmox.snapshot();
      if (scenario.steps.at(-1)?.run === 'destroy' && vms.length + disks.length + images.length > 0) {
        throw new Error(`left behind: ${JSON.stringify({ vms, disks, images })}`);
      }
    } finally {
      await centre.close();
      factory.close();
    }
  }
};

void main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
