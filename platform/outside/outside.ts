import type { Ipv4 } from '../../modules/model/addresses';
import type { ClusterPlan } from '../../modules/model/cluster-plan';
import { poolOf } from '../kinds/address-pools';
import { nameServerOf } from '../kinds/choices';

/** Where nginx of the proxy looks for the wildcard certificate: below its own configuration, so usually /etc/nginx. */
const CERTIFICATE = { chain: 'groundwork/fullchain.pem', key: 'groundwork/privkey.pem' } as const;

const MARK = 'Rendered from platform/outside/outside.ts by `npx groundwork platform render`: a change here is lost';

const text = (comment: string, lines: readonly string[]): string => [`${comment} ${MARK}`, ...lines, ''].join('\n');

const firstOf = (plan: ClusterPlan, pool: string): string => poolOf(plan, pool).range.first.toString();

/** TLS ends here: requests go on in plain HTTP, inside the tunnel to the cluster. */
const siteThatEndsTls = (domain: string, ingress: string): string[] => [
  'map $http_upgrade $groundwork_connection {',
  '    default upgrade;',
  "    '' '';",
  '}',
  'server {',
  '    listen 80;',
  `    server_name ${domain} *.${domain};`,
  '    return 308 https://$host$request_uri;',
  '}',
  'server {',
  '    listen 443 ssl http2;',
  `    server_name ${domain} *.${domain};`,
  `    ssl_certificate ${CERTIFICATE.chain};`,
  `    ssl_certificate_key ${CERTIFICATE.key};`,
  '    ssl_protocols TLSv1.2 TLSv1.3;',
  '    # Layers of container images and Git packs have no upper size',
  '    client_max_body_size 0;',
  '    proxy_request_buffering off;',
  '    location / {',
  `        proxy_pass http://${ingress}:80;`,
  '        proxy_http_version 1.1;',
  '        proxy_set_header Host $host;',
  '        proxy_set_header X-Real-IP $remote_addr;',
  '        # Not appended: what a client claims about itself does not come in',
  '        proxy_set_header X-Forwarded-For $remote_addr;',
  '        proxy_set_header X-Forwarded-Proto https;',
  '        proxy_set_header Upgrade $http_upgrade;',
  '        proxy_set_header Connection $groundwork_connection;',
  '        proxy_read_timeout 1h;',
  '    }',
  '}',
];

/** TLS ends in the cluster: bytes are handed on, with the client's address before them (PROXY protocol), which both gateways expect. */
const passThrough = (ingress: string): string[] =>
  [80, 443].flatMap((port) => [
    'server {',
    `    listen ${port};`,
    `    proxy_pass ${ingress}:${port};`,
    '    proxy_connect_timeout 5s;',
    '    proxy_protocol on;',
    '}',
  ]);

/** Resolvers ask the public address; PowerDNS answers at the dns pool, which only the tunnel reaches. */
const forwardedDns = (dns: string): string[] => [
  'server {',
  '    listen 53;',
  `    proxy_pass ${dns}:53;`,
  '}',
  'server {',
  '    listen 53 udp;',
  `    proxy_pass ${dns}:53;`,
  '    proxy_responses 1;',
  '    proxy_timeout 5s;',
  '}',
];

/** In the zone above: who answers for the cluster's zone, and where that name server is, which nobody could ask itself. */
const delegation = (domain: string, publicAddress: Ipv4 | undefined): string[] => {
  const nameServer = nameServerOf(domain);
  return [
    `${domain}. 3600 IN NS ${nameServer}.`,
    publicAddress === undefined
      ? '; Add the public address of the proxy as the A record of this name server, or give it in the spec: platform.publicAddress'
      : `${nameServer}. 3600 IN A ${publicAddress.toString()}`,
  ];
};

/**
 * What the machine before the cluster needs, by path in the rendered tree. Flux does not apply it: its list of resources at the
 * root names each file that it reads. Nothing where the plan has no domain.
 */
export const outsideOf = (plan: ClusterPlan): Map<string, string> => {
  const { domain, tlsEnd, publicAddress } = plan.platform;
  if (domain === undefined) return new Map();
  const ingress = firstOf(plan, 'ingress');
  const dns = forwardedDns(firstOf(plan, 'dns'));
  const files = new Map<string, string>();
  if (tlsEnd === 'outside') files.set('outside/nginx-http.conf', text('#', siteThatEndsTls(domain, ingress)));
  const stream = tlsEnd === 'outside' ? dns : [...passThrough(ingress), ...dns];
  files.set('outside/nginx-stream.conf', text('#', stream));
  return files.set('outside/parent.zone', text(';', delegation(domain, publicAddress)));
};
