import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A fresh folder for each test of the file, removed after it. Call it at the top of a describe block. */
export const temporaryFolder = (): (() => string) => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'groundwork-unit-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  return () => folder;
};
