/* eslint-disable @typescript-eslint/no-require-imports -- under `node -r tsx/cjs` an import() goes to Node's own loader for
   ES modules, which finds no TypeScript file; require goes to tsx. */

/**
 * What a machine loads once it has a config: certificates take 0.15 s and 10 MB, the services of a node
 * more. A lab starts many machines at once, and its first wait is for their maintenance APIs.
 */
export const lazyModules = {
  certificates: (): typeof import('./pki/certificates') =>
    require('./pki/certificates') as typeof import('./pki/certificates'),
  nodeServices: (): typeof import('../control-plane/create-node-services') =>
    require('../control-plane/create-node-services') as typeof import('../control-plane/create-node-services'),
} as const;
