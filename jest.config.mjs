/** @type {import('jest').Config['transform']} */
const transform = {
  '^.+\\.ts$': [
    '@swc/jest',
    { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } },
  ],
};
const common = {
  transform,
  testEnvironment: 'node',
  modulePathIgnorePatterns: ['<rootDir>/cdktf.out', '<rootDir>/.lab', '<rootDir>/providers/.*/package.json'],
};

/**
 * Projects: `unit` takes seconds and needs no lab; `e2e` and `long` deploy for real in the rehearsal lab, and are run with
 * `--runInBand`: one lab at a time.
 * Not TypeScript: Jest 30 reads a TypeScript config only through ts-node or esbuild-register on Node 20.
 *
 * @type {import('jest').Config}
 */
const config = {
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
      testPathIgnorePatterns: ['<rootDir>/__tests__/e2e/', '<rootDir>/__tests__/long/'],
      setupFiles: ['<rootDir>/__tests__/setup/quiet-stack-traces.ts'],
      globalSetup: '<rootDir>/__tests__/setup/temporary-files.cjs',
      globalTeardown: '<rootDir>/__tests__/setup/remove-temporary-files.cjs',
    },
    { ...common, displayName: 'e2e', testMatch: ['<rootDir>/__tests__/e2e/**/*.test.ts'] },
    { ...common, displayName: 'long', testMatch: ['<rootDir>/__tests__/long/**/*.test.ts'] },
  ],
};

export default config;
