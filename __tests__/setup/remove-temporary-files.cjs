'use strict';
/** The end of what temporary-files.cjs began: runs in the same process, after the last test. */
const { rmSync } = require('node:fs');

module.exports = () => rmSync(process.env.TMPDIR, { recursive: true, force: true });
