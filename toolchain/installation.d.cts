/** Types of installation.cjs, for its tests. */
export interface InstallOptions {
  npm?: (root: string, command: readonly string[]) => number;
  say?: (line: string) => void;
  clock?: () => number;
}
export function install(root: string, options?: InstallOptions): number;
export function isCurrent(root: string): boolean;
export function packagesMatchLock(root: string): boolean;
export function stampOf(root: string): string;
