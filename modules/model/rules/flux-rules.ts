import type { Rule } from './rule';

const fluxAccess: Rule = {
  code: 'flux-access',
  severity: 'error',
  *find({ flux: { access, repository } }) {
    const ssh = repository.startsWith('ssh:');
    if (ssh === (access === 'deploy-key')) return;
    yield ssh
      ? {
          path: 'flux.access',
          message: `the repository ${repository} is read by ssh, which takes a deploy key, and access is ${access}`,
          fix: "use 'deploy-key', or write the URL as https://<host>/<path>",
        }
      : {
          path: 'flux.access',
          message: `the repository ${repository} is read by https, and a deploy key is for ssh`,
          fix: "use 'public' or 'token', or write the URL as ssh://git@<host>/<path>",
        };
  },
};

const missingKnownHosts: Rule = {
  code: 'missing-known-hosts',
  severity: 'error',
  *find({ flux: { access, knownHosts, repository } }) {
    if (access !== 'deploy-key' || !repository.startsWith('ssh:') || knownHosts.length > 0) return;
    const { hostname, port } = new URL(repository);
    yield {
      path: 'flux.knownHosts',
      message: `Flux reads ${repository} with a deploy key, and no key is given by which it would know the server`,
      fix: `write what this prints, a line each: ssh-keyscan ${port === '' ? '' : `-p ${port} `}${hostname}`,
    };
  },
};

export const FLUX_RULES: readonly Rule[] = [fluxAccess, missingKnownHosts];
