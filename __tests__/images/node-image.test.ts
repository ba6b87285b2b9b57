import { installerReference, nodeImage, nodeSchematic } from '../../images/node-image';
import { schematicId } from '../../images/schematic';
import type { ClusterPlan, NodePlan } from '../../modules/model/cluster-plan';
import { loadCluster } from '../../modules/model/load-cluster';
import { recorded } from '../fixtures/recorded';
import { validSpec, type SpecFields } from '../fixtures/valid-spec';

const planOf = (changes?: SpecFields): ClusterPlan => {
  const { plan } = loadCluster(validSpec(changes));
  if (plan === undefined) throw new Error('the fixture has errors');
  return plan;
};
const nodeOf = (plan: ClusterPlan, name: string): NodePlan => {
  const node = plan.nodes.find((candidate) => candidate.name === name);
  if (node === undefined) throw new Error(`the fixture has no node ${name}`);
  return node;
};
/** Also an id of the factory's own code: net.ifnames=0 with guest agent and Tailscale, no META. */
const WITH_TAILSCALE = '701705bc4c0193db66db4cc8706200eb392a0397a524c1e682f53e5a7c483a70';

describe('T-5 image of a node', () => {
  const plan = planOf();
  const image = nodeImage(plan, nodeOf(plan, 'controlplane0'));

  test('its schematic, in full', () => {
    expect(image.schematic).toBe(`customization:
    extraKernelArgs:
        - net.ifnames=0
    meta:
        - key: 10
          value: |
            addresses:
              - address: 10.0.1.1/16
                linkName: eth0
                family: inet4
                scope: global
                flags: permanent
                layer: platform
            links:
              - name: eth0
                logical: false
                up: true
                mtu: 0
                kind: ""
                type: ether
                layer: platform
            routes:
              - family: inet4
                dst: ""
                src: ""
                gateway: 10.0.0.1
                outLinkName: eth0
                table: main
                priority: 1024
                scope: global
                type: unicast
                flags: ""
                protocol: static
                layer: platform
            hostnames:
              - hostname: controlplane0
                domainname: ""
                layer: platform
            resolvers:
              - dnsServers:
                  - 1.1.1.1
                  - 8.8.8.8
                layer: platform
            timeServers:
              - timeServers:
                  - time.cloudflare.com
                layer: platform
    systemExtensions:
        officialExtensions:
            - siderolabs/qemu-guest-agent
`);
  });

  test('T-7 file name, URL and installer', () => {
    expect(image.schematicId).toBe('76deeb57e6acd64b5ce7efbf27718df097cf3c25a494155a7f0ec47bfa3cbe91');
    expect(image.fileName).toBe('talos-1.13.9-76deeb57e6ac-amd64.qcow2');
    expect(image.url).toBe(
      'https://factory.talos.dev/image/76deeb57e6acd64b5ce7efbf27718df097cf3c25a494155a7f0ec47bfa3cbe91/v1.13.9/metal-amd64.qcow2',
    );
    expect(installerReference(plan)).toBe(
      'factory.talos.dev/metal-installer/f683308f6e49ec36d715bd41c90d800910552d8cbc015c8363ec350594535fa1:v1.13.9',
    );
  });

  test('every node has an image of its own', () => {
    expect(new Set(plan.nodes.map((node) => nodeImage(plan, node).fileName)).size).toBe(5);
  });

  test('T-8 shared: all nodes have one image, of the platform that reads cloud-init, and its installer', () => {
    const shared = planOf({ images: { mode: 'shared' } });
    const images = shared.nodes.map((node) => nodeImage(shared, node));
    const id = 'f683308f6e49ec36d715bd41c90d800910552d8cbc015c8363ec350594535fa1';
    expect(new Set(images.map(({ url }) => url))).toEqual(
      new Set([`https://factory.talos.dev/image/${id}/v1.13.9/nocloud-amd64.qcow2`]),
    );
    expect(images[0]?.fileName).toBe('talos-1.13.9-f683308f6e49-amd64-nocloud-infrastructure.qcow2');
    expect(images[0]?.schematic).not.toContain('meta');
    expect(installerReference(shared)).toBe(`factory.talos.dev/nocloud-installer/${id}:v1.13.9`);
  });

  test('Tailscale adds its extension to the image and to the installer', () => {
    const meshed = planOf({ tailscale: { enabled: true } });
    expect(nodeSchematic(meshed, nodeOf(meshed, 'worker0')).officialExtensions).toEqual([
      'siderolabs/qemu-guest-agent',
      'siderolabs/tailscale',
    ]);
    expect(installerReference(meshed)).toBe(`factory.talos.dev/metal-installer/${WITH_TAILSCALE}:v1.13.9`);
  });

  test('Secure Boot, arm64 and extensions of the spec', () => {
    const { plan: chosen } = loadCluster(
      validSpec({
        talos: { secureBoot: true, extensions: ['siderolabs/iscsi-tools'] },
        proxmox: { hosts: ['atlas', 'ampere'], arm64Hosts: ['ampere'] },
        nodePools: { worker: { architecture: 'arm64' } },
      }),
      recorded('atlas', 'atlas', 'atlas', 'ampere', 'ampere'),
    );
    if (chosen === undefined) throw new Error('the fixture has errors');
    const { url, fileName, schematicId: id } = nodeImage(chosen, nodeOf(chosen, 'worker0'));
    expect(url).toBe(`https://factory.talos.dev/image/${id}/v1.13.9/metal-arm64-secureboot.qcow2`);
    expect(fileName).toBe(`talos-1.13.9-${id.slice(0, 12)}-arm64-secureboot.qcow2`);
    expect(installerReference(chosen)).toMatch(
      /^factory\.talos\.dev\/metal-installer-secureboot\/[0-9a-f]{64}:v1\.13\.9$/,
    );
    expect(nodeSchematic(chosen, nodeOf(chosen, 'worker0')).officialExtensions).toEqual([
      'siderolabs/qemu-guest-agent',
      'siderolabs/iscsi-tools',
    ]);
  });

  test('a factory of one own is used for all', () => {
    const own = planOf({ images: { factory: 'http://factory.example.org:8080' } });
    const { url, schematicId: id } = nodeImage(own, nodeOf(own, 'worker0'));
    expect(url).toBe(`http://factory.example.org:8080/image/${id}/v1.13.9/metal-amd64.qcow2`);
    expect(installerReference(own).startsWith('factory.example.org:8080/metal-installer/')).toBe(true);
  });

  test('another address, name, gateway or name server is another image; another size is not', () => {
    const idOf = (changes: SpecFields): string => {
      const changed = planOf(changes);
      return schematicId(nodeSchematic(changed, nodeOf(changed, 'worker0')));
    };
    const same = idOf({ nodePools: { worker: { size: { memoryMiB: 8192 }, firstVmId: 2500 } } });
    const others = [
      {},
      { nodePools: { worker: { firstAddress: '10.0.2.9' } } },
      { network: { gateway: '10.0.0.254' } },
      { network: { nameServers: ['9.9.9.9'] } },
      { network: { timeServers: ['ntp.example.org'] } },
    ].map(idOf);
    expect(new Set(others).size).toBe(5);
    expect(same).toBe(others[0]);
  });
});
