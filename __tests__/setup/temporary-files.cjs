'use strict';
/**
 * One folder for whatever the tests, and the libraries they call, leave among the temporary files: cdktf never removes
 * the folders that its Testing synthesizes to. Jest's workers inherit it. Removed by remove-temporary-files.cjs.
 */
const { mkdtempSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

module.exports = () => {
  process.env.TMPDIR = mkdtempSync(join(tmpdir(), 'groundwork-jest-'));
};
