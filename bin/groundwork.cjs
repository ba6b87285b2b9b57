#!/usr/bin/env node
'use strict';
/** The command `groundwork`: see operations/cli.ts. */
const { isCurrent, packagesMatchLock } = require('../toolchain/installation.cjs');
const path = require('node:path');

const root = path.dirname(__dirname);
if (!isCurrent(root) && !packagesMatchLock(root)) {
  process.stderr.write('the npm packages of this checkout are not current; run `npm run setup`\n');
  process.exit(1);
}
// Who read our output wants no more of it, as `| head`: that is no fault.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});
require('tsx/cjs');
require('../operations/cli.ts')
  .main(process.argv.slice(2))
  .then((status) => {
    // Once all is written, and not once every connection is given up: to a VM that is off one takes two minutes.
    process.stdout.write('', () => process.stderr.write('', () => process.exit(status)));
  });
