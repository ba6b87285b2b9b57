import { join } from 'node:path';
import { debianPackages } from './debian-packages';

export interface Nginx {
  readonly program: string;
  readonly streamModule: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** Debian's nginx with its stream module. */
export const debianNginx = (): Nginx => {
  const { root, environment } = debianPackages('debian-nginx', ['nginx', 'libnginx-mod-stream']);
  return {
    program: join(root, 'usr/sbin/nginx'),
    streamModule: join(root, 'usr/lib/nginx/modules/ngx_stream_module.so'),
    environment,
  };
};
