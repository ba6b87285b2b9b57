'use strict';
/**
 * The end of what temporary-files.cjs began: runs in the same process, after the last test. What a lab session leaves
 * stays: those are the logs of one that failed.
 */
const { readdirSync, rmdirSync, rmSync } = require('node:fs');
const { join } = require('node:path');

module.exports = () => {
  const folder = process.env.TMPDIR;
  const names = readdirSync(folder);
  const gone = names.filter((name) => !name.startsWith('groundwork-session-'));
  for (const name of gone) rmSync(join(folder, name), { recursive: true, force: true });
  if (gone.length === names.length) rmdirSync(folder);
};
