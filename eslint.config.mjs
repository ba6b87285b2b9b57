import importX from 'eslint-plugin-import-x';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import tseslint from 'typescript-eslint';

/** What a room may not reach, and why: the layers of docs/ARCHITECTURE.md, held by the linter. */
const zones = [
  {
    target: './modules/model',
    from: [
      './modules/!(model)/**',
      './images/**',
      './stacks/**',
      './operations/**',
      './lab/**',
      './platform/**',
      './toolchain/**',
      './clusters/**',
    ],
    message: 'modules/model is pure: it knows no other room',
  },
  {
    target: './images',
    from: [
      './modules/!(model)/**',
      './stacks/**',
      './operations/**',
      './lab/**',
      './platform/**',
      './toolchain/**',
      './clusters/**',
    ],
    message: 'images is pure: it may use modules/model only',
  },
  {
    target: './modules',
    from: ['./stacks', './operations', './lab', './platform', './toolchain', './clusters'],
    message: 'modules may use modules/model, images and generated bindings',
  },
  {
    target: './stacks',
    from: ['./operations', './lab', './platform', './toolchain', './clusters'],
    message: 'stacks wire modules together, and nothing else',
  },
  {
    target: ['./modules', './images', './platform', './operations', './lab', './toolchain', './clusters', './specs'],
    from: './stacks',
    message: 'only main.ts imports stacks',
  },
  {
    target: './clusters',
    from: ['./stacks', './operations', './lab', './platform', './toolchain'],
    message: 'clusters hold specs: they may use modules/model only',
  },
  {
    target: './platform',
    from: ['./stacks/**', './operations/**', './lab/**', './toolchain/**', './modules/!(model|placement)/**'],
    message: 'platform may use modules/model, modules/placement and specs only',
  },
  {
    target: './specs',
    from: [
      './stacks/**',
      './operations/**',
      './lab/**',
      './platform/**',
      './toolchain/**',
      './modules/!(model|placement)/**',
    ],
    message: 'specs may use modules/model, modules/placement and images only',
  },
  {
    target: ['./modules', './images', './stacks', './clusters'],
    from: './specs',
    message: 'whoever reads files hands on plans',
  },
  {
    target: './lab',
    from: ['./modules', './images', './stacks', './operations', './platform', './clusters', './specs'],
    message: 'the lab meets the product over sockets, as hardware does',
  },
  {
    target: ['./modules', './images', './stacks', './operations', './platform', './clusters', './specs', './main.ts'],
    from: './lab',
    message: 'the product knows nothing of the lab',
  },
  {
    target: './toolchain',
    from: ['./modules', './images', './stacks', './operations', './platform', './clusters', './lab', './specs'],
    message: 'toolchain stands on its own',
  },
];

const pure = {
  paths: ['cdktf', 'constructs', 'child_process', 'fs', 'net', 'http', 'https', 'os', 'process'].flatMap((name) => [
    { name, message: 'this room is pure: no cdktf, file system, process, clock or network' },
    { name: `node:${name}`, message: 'this room is pure: no cdktf, file system, process, clock or network' },
  ]),
};

export default tseslint.config(
  {
    ignores: [
      '**/node_modules',
      'providers/*/src',
      'providers/*/lib',
      'cdktf.out',
      '.lab',
      'coverage',
      'toolchain/modules',
    ],
  },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver()] },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      'import-x/no-cycle': 'error',
      'import-x/no-default-export': 'error',
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^@cdktf/provider-[a-z]+$',
              message: 'deep imports only (@cdktf/provider-helm/lib/release): an index costs seconds at every synth',
            },
          ],
        },
      ],
      'max-lines': ['error', { max: 450 }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  {
    files: ['modules/model/**/*.ts', 'images/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', pure],
      'no-restricted-globals': ['error', 'process', 'fetch', 'setTimeout', 'Date'],
    },
  },
  {
    files: ['modules/**/*.ts', 'stacks/**/*.ts', 'clusters/**/*.ts', 'platform/**/*.ts', 'specs/**/*.ts'],
    rules: { 'no-restricted-globals': ['error', 'process'] },
  },
  // An entry: a process of its own, with its own environment and output
  { files: ['platform/cli.ts'], rules: { 'no-restricted-globals': 'off' } },
);
