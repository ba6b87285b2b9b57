import type { Config } from 'jest';

const transform: Config['transform'] = {
  '^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } }],
};
const common = {
  transform,
  testEnvironment: 'node',
  modulePathIgnorePatterns: ['<rootDir>/cdktf.out', '<rootDir>/.lab', '<rootDir>/providers/.*/package.json'],
} satisfies Config;

/** Two projects: `unit` takes seconds and needs no lab; `e2e` deploys for real in the rehearsal lab, one file at a time. */
const config: Config = {
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
      testPathIgnorePatterns: ['<rootDir>/__tests__/e2e/', '<rootDir>/__tests__/long/'],
      setupFiles: ['<rootDir>/__tests__/setup/quiet-stack-traces.ts'],
    },
    { ...common, displayName: 'e2e', testMatch: ['<rootDir>/__tests__/e2e/**/*.test.ts'], maxWorkers: 1 },
    { ...common, displayName: 'long', testMatch: ['<rootDir>/__tests__/long/**/*.test.ts'], maxWorkers: 1 },
  ],
};

export default config;
