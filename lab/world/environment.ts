import { join } from 'node:path';
import type { ToolchainManifest } from './toolchain-manifest';
import { PLACES } from './places';

/** What is taken over from outside: nothing that could point at a real cluster, cloud, proxy or credential. */
const INHERITED =
  /^(PATH|LANG|LC_[A-Z]+|TZ|TERM|COLORTERM|NO_COLOR|COLUMNS|LINES|USER|LOGNAME|GROUNDWORK_CLUSTERS_DIR|GROUNDWORK_STACK_TRACES)$/;

export const inherited = (outer: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(outer).flatMap(([name, value]) =>
      value !== undefined && INHERITED.test(name) ? [[name, value]] : [],
    ),
  );

export interface EnvironmentInput {
  /** Environment of the process that started the lab. */
  readonly outer: Readonly<Record<string, string | undefined>>;
  /** Input variables of Terraform that need a value: each gets a made-up one. */
  readonly variables: readonly string[];
  readonly toolchain: ToolchainManifest;
  /** Path of the manifest's file. */
  readonly toolchainFile: string;
  readonly checkout: string;
  readonly logFolder: string;
  /** Name of the run: marks every process of the lab. */
  readonly run: string;
  /** `user@realm!name=secret` of a token that the simulated Proxmox knows. */
  readonly apiToken: string;
}

/** The whole environment of a command in the lab: Terraform, cdktf, kubectl, a shell. */
export const labEnvironment = (input: EnvironmentInput): Record<string, string> => {
  const { toolchain } = input;
  const outer = inherited(input.outer);
  return {
    ...outer,
    PATH: [PLACES.programs, join(input.checkout, 'node_modules', '.bin'), outer['PATH'] ?? '/usr/bin:/bin'].join(':'),
    HOME: PLACES.home,
    TMPDIR: PLACES.temporary,
    GROUNDWORK_RUN: input.run,
    GROUNDWORK_TOOLCHAIN: input.toolchainFile,
    // In place of what the spec says: a rehearsal never touches the state of a real cluster.
    GROUNDWORK_STATE: 'local',
    GROUNDWORK_STATE_DIR: PLACES.state,
    GROUNDWORK_PROVIDER_VERSIONS: Object.entries(toolchain.providerVersions)
      .map(([name, version]) => `${name}=${version}`)
      .join(','),
    // Go reads the first, Node the second, curl and Python the others.
    SSL_CERT_FILE: PLACES.certificate,
    NODE_EXTRA_CA_CERTS: PLACES.certificate,
    CURL_CA_BUNDLE: PLACES.certificate,
    REQUESTS_CA_BUNDLE: PLACES.certificate,
    KUBECONFIG: PLACES.kubeconfig,
    TALOSCONFIG: PLACES.talosconfig,
    KUBECACHEDIR: join(PLACES.home, '.kube', 'cache'),
    HELM_CACHE_HOME: join(PLACES.home, '.cache', 'helm'),
    HELM_CONFIG_HOME: join(PLACES.home, '.config', 'helm'),
    HELM_DATA_HOME: join(PLACES.home, '.local', 'share', 'helm'),
    TERRAFORM_BINARY_NAME: toolchain.terraform,
    TF_CLI_CONFIG_FILE: toolchain.terraformCliConfig,
    TF_IN_AUTOMATION: 'true',
    CHECKPOINT_DISABLE: '1',
    CI: 'true', // cdktf: no spinner frames, no question about crash reports
    CDKTF_SKIP_PROVIDER_LOCK: 'true', // `terraform providers lock` knows no filesystem mirror, and would go out
    CDKTF_DISABLE_PLUGIN_CACHE_ENV: 'true',
    CDKTF_HOME: join(PLACES.home, '.cdktf'),
    CDKTF_OUTPUT: PLACES.output,
    CDKTF_LOG_FILE_DIRECTORY: input.logFolder,
    KUBE_LOAD_CONFIG_FILE: 'false', // providers of the 1.x line read the user's kubeconfig otherwise
    PROXMOX_VE_API_TOKEN: input.apiToken,
    ...Object.fromEntries(input.variables.map((name) => [`TF_VAR_${name}`, `rehearsal-${name}`])),
  };
};

/** The environment of a machine process: what the hardware gives, and nothing of the cluster's or the user's. */
export const machineEnvironment = (
  input: Pick<EnvironmentInput, 'outer' | 'toolchainFile' | 'run'>,
): Record<string, string> => {
  const outer = inherited(input.outer);
  return {
    PATH: outer['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: PLACES.home,
    TMPDIR: PLACES.temporary,
    LANG: 'C.UTF-8',
    GROUNDWORK_RUN: input.run,
    GROUNDWORK_TOOLCHAIN: input.toolchainFile,
    GROUNDWORK_LAB: PLACES.settings,
    SSL_CERT_FILE: PLACES.certificate,
    NODE_EXTRA_CA_CERTS: PLACES.certificate,
  };
};
