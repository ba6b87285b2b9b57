import { cloudInitNetwork } from '../../../../lab/machine/network/cloud-init';
import { NO_NETWORK } from '../../../../lab/machine/network/network-config';

const nic = { mac: 'BC:24:11:00:00:01', bridge: 'vmbr0', linkDown: false };
const physical = [{ name: 'eth0', mac: 'bc:24:11:00:00:01' }];
const hardware = { name: 'talos-worker0', nics: [nic] };

describe('T-8 what a cloud-init drive tells an image of the platform nocloud', () => {
  test('address, gateway and host name', () => {
    const cloudInit = { ipconfig0: 'gw=10.0.0.1,ip=10.0.2.1/16', nameserver: '1.1.1.1 8.8.8.8' };
    expect(cloudInitNetwork({ ...hardware, cloudInit }, physical)).toEqual({
      links: [{ link: 'eth0', up: true, mtu: 0 }],
      addresses: [{ link: 'eth0', cidr: '10.0.2.1/16' }],
      routes: [{ link: 'eth0', destination: 'default', gateway: '10.0.0.1', source: '', metric: 1024 }],
      hostname: 'talos-worker0',
      shared: [],
      ignored: [],
    });
  });

  test('the link is the one that has the MAC address', () => {
    const two = { ...hardware, nics: [{ ...nic, mac: 'BC:24:11:00:00:02' }, nic] };
    const cloudInit = { ipconfig1: 'ip=10.0.2.1/16' };
    const links = [...physical, { name: 'eth1', mac: 'bc:24:11:00:00:02' }];
    expect(cloudInitNetwork({ ...two, cloudInit }, links)).toMatchObject({
      links: [{ link: 'eth1' }, { link: 'eth0' }],
      addresses: [{ link: 'eth0', cidr: '10.0.2.1/16' }],
    });
  });

  test('nothing without a drive, and nothing from one of another type', () => {
    expect(cloudInitNetwork(hardware, physical)).toEqual(NO_NETWORK);
    const cloudInit = { ipconfig0: 'ip=10.0.2.1/16', citype: 'configdrive2' };
    expect(cloudInitNetwork({ ...hardware, cloudInit }, physical)).toEqual(NO_NETWORK);
  });

  test('what the lab has no counterpart of is named', () => {
    const cloudInit = { ipconfig0: 'ip=dhcp', cicustom: 'network=local:snippets/net.yaml' };
    expect(cloudInitNetwork({ ...hardware, cloudInit }, physical).ignored).toEqual([
      'cicustom network=local:snippets/net.yaml',
      'dhcp on eth0: no server answers',
    ]);
  });

  test('an address that is none is refused in the words of Talos', () => {
    const of = (ipconfig0: string) => () => cloudInitNetwork({ ...hardware, cloudInit: { ipconfig0 } }, physical);
    expect(of('ip=10.0.2.1')).toThrow(new Error(`netip.ParsePrefix("10.0.2.1"): no '/'`));
    expect(of('ip=10.0.2.1/16,gw=router')).toThrow(new Error('ParseAddr("router"): unable to parse IP'));
    expect(() => cloudInitNetwork({ ...hardware, cloudInit: { nameserver: '1.1.1.1 dns.lan' } }, physical)).toThrow(
      new Error('ParseAddr("dns.lan"): unable to parse IP'),
    );
  });
});
