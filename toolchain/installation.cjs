'use strict';
/**
 * The npm packages of this checkout. Plain JavaScript without dependencies: it runs where node_modules is missing.
 */
const { spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const WORKSPACES = ['providers/proxmox', 'providers/talos'];
/** Within node_modules, which `npm ci` empties before all else: after an interruption it is not there. */
const STAMP = path.join('node_modules', '.groundwork-installed');

/** Checksum of everything that decides what is installed and generated. */
function stampOf(root) {
  const files = ['package.json', 'package-lock.json', '.npmrc', 'toolchain/bindings/generate.cjs'];
  for (const workspace of WORKSPACES) {
    for (const file of ['package.json', 'schema.json', 'tsconfig.json']) files.push(path.join(workspace, file));
  }
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${process.versions.modules}`);
  for (const file of files) hash.update(`\0${file}\0`).update(fs.readFileSync(path.join(root, file)));
  return hash.digest('hex');
}

/** Whether the bindings of every workspace have been compiled to the end. */
const haveBindings = (root) => WORKSPACES.every((name) => fs.existsSync(path.join(root, name, 'lib', '.stamp')));

/** Whether node_modules and the bindings are what this checkout asks for. Takes milliseconds. */
function isCurrent(root) {
  try {
    return haveBindings(root) && fs.readFileSync(path.join(root, STAMP), 'utf8') === stampOf(root);
  } catch {
    return false;
  }
}

/**
 * Whether node_modules holds what package-lock.json asks for, as after an `npm ci` by hand: by npm's own list of it, and
 * by the folders, as the list stays when someone deletes a folder.
 */
function packagesMatchLock(root) {
  try {
    const read = (file) => JSON.parse(fs.readFileSync(path.join(root, file), 'utf8')).packages;
    const [wanted, present] = [read('package-lock.json'), read('node_modules/.package-lock.json')];
    return Object.entries(wanted).every(([name, { version, integrity, optional }]) => {
      if (name === '') return true;
      if (present[name] === undefined) return optional === true;
      if (!fs.existsSync(path.join(root, name))) return false;
      return present[name].version === version && present[name].integrity === integrity;
    });
  } catch {
    return false;
  }
}

/**
 * Makes node_modules and the bindings current.
 * @param npm runs npm with these arguments in `root` and returns its exit status
 * @param say prints one line
 * @returns exit status, 0 where all is well
 */
function install(root, { npm = runNpm, say = (line) => process.stderr.write(`${line}\n`), clock = Date.now } = {}) {
  if (isCurrent(root)) return 0;
  const started = clock();
  const packagesThere = packagesMatchLock(root);
  const [command, title, cost] = packagesThere
    ? [['run', '--silent', 'prepare', '--workspaces', '--if-present'], 'generate the provider bindings', 'about 8 s']
    : [['ci', '--include=dev', '--include=optional'], 'install the npm packages', 'about 90 s once, 0.7 GiB'];
  say(`${title} (${cost}): npm ${command.join(' ')}`);
  // Gone before the work starts: whoever interrupts it finds no stamp of an earlier time.
  fs.rmSync(path.join(root, STAMP), { force: true });
  const status = npm(root, command);
  if (status !== 0) {
    say(`npm ${command.join(' ')} ended with status ${status}: see above; put it right and run the same command again`);
    return status;
  }
  fs.writeFileSync(path.join(root, STAMP), stampOf(root));
  say(`${title}: done in ${Math.round((clock() - started) / 1000)} s`);
  return 0;
}

/** The npm that runs us, or the one on the PATH. Its own display and messages go to the terminal. */
function runNpm(root, command) {
  const own = process.env.npm_execpath ?? '';
  const [program, ...first] = path.basename(own) === 'npm-cli.js' ? [process.execPath, own] : ['npm'];
  const { status, error } = spawnSync(program, [...first, ...command], { cwd: root, stdio: ['ignore', 2, 2] });
  if (error !== undefined) process.stderr.write(`npm can't be run: ${error.message}\n`);
  return status ?? 1;
}

module.exports = { install, isCurrent, packagesMatchLock, stampOf };
