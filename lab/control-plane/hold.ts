import { join } from 'node:path';

/**
 * Lab switch: while a file with the name of a static pod (`kube-apiserver`) or of a container that runs as a
 * process (`kube-vip`) is in this folder, that process is not started again once it has ended. So a test can kill
 * it and keep it dead: the kubelet restarts a crashed container at once the first time.
 */
export const holdPath = (ephemeralPath: string): string => join(ephemeralPath, 'lab-hold');
