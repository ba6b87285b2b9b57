'use strict';
/**
 * What a machine must have before any work starts. Plain JavaScript without dependencies: it is asked before
 * `npm ci`, and again when it is known what exactly must be built.
 */
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

/**
 * MiB. Linking two of the Kubernetes programs at a time held 3.7 GiB, part of it files that are only mapped;
 * a machine sold as 4 GiB has a little less.
 */
const BUILD_MEMORY = 3.5 * 1024;

/** Negative where `left` is older than `right`. Takes `1.26`, `1.26.8` and `v1.35.0`; a missing part is 0. */
function compareVersions(left, right) {
  const [a, b] = [left, right].map((text) => text.replace(/^v/, '').split('.').map(Number.parseFloat));
  for (let part = 0; part < 3; part++) {
    const difference = (a[part] ?? 0) - (b[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** What is wrong with the Node that runs us, or undefined. `range` is `engines.node`, as `>=20.20 <23`. */
function nodeProblem(version, range) {
  const [, least, below] = /^>=(\S+) <(\S+)$/.exec(range) ?? [];
  if (compareVersions(version, least) >= 0 && compareVersions(version, below) < 0) return undefined;
  return `this is Node ${version}: ${range} is needed (the terminal library of cdktf-cli is built for these); install one, as with \`nvm install 22\``;
}

/** Absolute path of a command, looked up as a shell does; undefined where there is none. */
function findCommand(name, env) {
  const places = (env.PATH ?? '').split(path.delimiter).filter(path.isAbsolute);
  const files = name.includes('/') ? [path.resolve(name)] : places.map((place) => path.join(place, name));
  return files.find((file) => {
    try {
      fs.accessSync(file, fs.constants.X_OK);
      return fs.statSync(file).isFile();
    } catch {
      return false;
    }
  });
}

/** Where everything is kept: GROUNDWORK_CACHE, `$XDG_CACHE_HOME/groundwork` or `~/.cache/groundwork`. */
function cacheFolder(env) {
  if (env.GROUNDWORK_CACHE) return path.resolve(env.GROUNDWORK_CACHE);
  return path.join(env.XDG_CACHE_HOME || path.join(env.HOME || os.homedir(), '.cache'), 'groundwork');
}

const existingPart = (file) => (fs.existsSync(file) ? file : existingPart(path.dirname(file)));

const thisHost = () => ({
  platform: process.platform,
  arch: process.arch,
  memory: os.totalmem() / 2 ** 20,
  freeDisk: (folder) => {
    const { bavail, bsize } = fs.statfsSync(existingPart(folder));
    return (bavail * bsize) / 2 ** 20;
  },
  unwritable: (folder) => {
    try {
      fs.accessSync(existingPart(folder), fs.constants.W_OK);
      return undefined;
    } catch (error) {
      return error.message;
    }
  },
});

const gibibytes = (mebibytes) => `${(mebibytes / 1024).toFixed(1)} GiB`;

/** Everything that would stop the set-up, with its fix. Nothing to build: no Go, disk or memory is asked for. */
function findProblems({ cache, go, build, terraform = [] }, host) {
  const problems = [];
  if (host.platform !== 'linux') {
    problems.push(`this is ${host.platform}: network namespaces exist on Linux only; use a Linux machine or VM`);
  }
  if (!['x64', 'arm64'].includes(host.arch)) {
    problems.push(`the processor is ${host.arch}: x64 and arm64 are supported`);
  }
  const unwritable = host.unwritable(cache);
  if (unwritable !== undefined) {
    problems.push(`the cache folder ${cache} can't be written to: ${unwritable}; set GROUNDWORK_CACHE to one that can`);
  }
  problems.push(...terraform.map((fact) => `${fact}; correct or unset TERRAFORM_BINARY_NAME`));
  if (build !== undefined) problems.push(...buildProblems(build, go, cache, host));
  return problems;
}

function buildProblems({ names, minimumGo, mebibytes }, go, cache, host) {
  const problems = [];
  const fix = `and ${names.join(', ')} must be built from source: install Go ${minimumGo} or newer (https://go.dev/dl) and put it on the PATH`;
  if (go === undefined) problems.push(`Go is not on the PATH, ${fix}`);
  else if (compareVersions(go.version, minimumGo) < 0) problems.push(`${go.path} is Go ${go.version}, ${fix}`);
  const free = host.freeDisk(cache);
  if (free < mebibytes) {
    problems.push(
      `${gibibytes(free)} of disk are free at ${cache}: ${gibibytes(mebibytes)} are needed; free some, or set GROUNDWORK_CACHE, GOCACHE and GOMODCACHE to another disk`,
    );
  }
  if (host.memory < BUILD_MEMORY) {
    problems.push(
      `this machine has ${gibibytes(host.memory)} of memory: building needs ${gibibytes(BUILD_MEMORY)}; give it more`,
    );
  }
  return problems;
}

/** The words for a list of problems. */
function describeProblems(problems) {
  const list = problems.map((problem) => `  - ${problem}`).join('\n');
  return `set-up can't start: ${problems.length} ${problems.length === 1 ? 'thing is' : 'things are'} missing\n${list}`;
}

/** The Go on the PATH; undefined where there is none that works. */
function findGo(env) {
  const program = findCommand('go', env);
  if (program === undefined) return undefined;
  const { stdout } = spawnSync(program, ['version'], { encoding: 'utf8', env: { ...env, GOTOOLCHAIN: 'local' } });
  const version = /go version go(\S+)/.exec(stdout ?? '')?.[1];
  return version === undefined ? undefined : { path: program, version };
}

/**
 * What can be known before the npm packages are there, so that nobody waits for them in vain. Where some toolchain is
 * in the cache it may be the right one: then this is left to the set-up itself.
 */
function findEarlyProblems(root, env, host = thisHost()) {
  const cache = cacheFolder(env);
  const toolchains = path.join(cache, 'toolchains');
  if (fs.existsSync(toolchains) && fs.readdirSync(toolchains).length > 0) return findProblems({ cache }, host);
  const modules = path.join(root, 'toolchain', 'modules');
  const names = fs.readdirSync(modules).filter((name) => !name.startsWith('provider-') && name !== 'opentofu');
  const minimumGo = names
    .map((name) => /^go (\S+)$/m.exec(fs.readFileSync(path.join(modules, name, 'go.mod'), 'utf8'))?.[1] ?? '1.26')
    .sort(compareVersions)
    .at(-1);
  return findProblems({ cache, go: findGo(env), build: { names, minimumGo, mebibytes: 5 * 1024 } }, host);
}

module.exports = {
  cacheFolder,
  compareVersions,
  describeProblems,
  findCommand,
  findEarlyProblems,
  findGo,
  findProblems,
  gibibytes,
  nodeProblem,
  thisHost,
};
