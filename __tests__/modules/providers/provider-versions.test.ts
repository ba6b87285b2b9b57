import { SpecError } from '../../../modules/model/spec-error';
import { providerVersions } from '../../../modules/providers/provider-versions';

const PRODUCTION = { proxmox: '0.111.1', talos: '0.11.0', helm: '3.1.1', kubernetes: '2.38.0', null: '3.2.4' };

describe('provider versions', () => {
  test('nothing given is production', () => {
    expect(providerVersions('')).toEqual(PRODUCTION);
  });

  test('what is given stands in place of the same provider', () => {
    expect(providerVersions('helm=1.3.2,talos=0.12.0-alpha.5')).toEqual({
      ...PRODUCTION,
      helm: '1.3.2',
      talos: '0.12.0-alpha.5',
    });
  });

  test.each([
    ['aws=1.0.0', '"aws" is not a provider; they are proxmox, talos, helm, kubernetes, null'],
    ['toString=1.0.0', '"toString" is not a provider; they are proxmox, talos, helm, kubernetes, null'],
    ['helm', 'version "" of provider helm is not exact; write it as helm=1.2.3'],
    ['helm=~> 3.1', 'version "~> 3.1" of provider helm is not exact; write it as helm=1.2.3'],
  ])('fails at "%s"', (text, message) => {
    expect(() => providerVersions(text)).toThrow(new SpecError(message));
  });
});
