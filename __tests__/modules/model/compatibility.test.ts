import { cilium, fluxChart, talos, talosReadsContract } from '../../../modules/model/compatibility';
import { DEFAULT_TALOS_CONTRACT, DEFAULT_VERSIONS } from '../../../modules/model/versions';

describe('T-3 versions that work together', () => {
  test.each([
    ['talos', talos, '1.13.9', '1.30.14', false],
    ['talos', talos, '1.13.9', '1.31.0', true],
    ['talos', talos, '1.13.9', '1.36.2', true],
    ['talos', talos, '1.13.9', '1.37.0', false],
    ['talos', talos, '1.12.0', '1.36.0', false],
    ['talos', talos, '2.13.0', '1.35.0', false],
    ['cilium', cilium, '1.19.6', '1.31.0', false],
    ['cilium', cilium, '1.19.6', '1.35.0', true],
    ['cilium', cilium, '1.19.6', '1.36.0', false],
    ['flux2', fluxChart, '2.18.3', '1.32.0', false],
    ['flux2', fluxChart, '2.18.3', '1.33.0', true],
    ['flux2', fluxChart, '2.18.3', '1.99.0', true],
  ])('%s %s %s with Kubernetes %s: %s', (_, facts, version, kubernetes, expected) => {
    expect(facts.supportsKubernetes(version, kubernetes)).toBe(expected);
  });

  test.each([
    [talos, '1.13.9', '1.31 to 1.36'],
    [fluxChart, '2.18.3', '1.33 or newer'],
    [talos, '1.99.0', 'unknown'],
  ])('says which Kubernetes is allowed', (facts, version, range) => {
    expect(facts.kubernetesRange(version)).toBe(range);
  });

  test.each([
    ['1.13.9', '1.9', true],
    ['1.13.9', '1.13', true],
    ['1.13.9', '1.14', false],
  ])('Talos %s reads the contract %s: %s', (version, contract, expected) => {
    expect(talosReadsContract(version, contract)).toBe(expected);
  });

  test('the defaults are listed and work together', () => {
    const { kubernetes } = DEFAULT_VERSIONS;
    expect(talos.supportsKubernetes(DEFAULT_VERSIONS.talos, kubernetes)).toBe(true);
    expect(cilium.supportsKubernetes(DEFAULT_VERSIONS.cilium, kubernetes)).toBe(true);
    expect(fluxChart.supportsKubernetes(DEFAULT_VERSIONS.flux, kubernetes)).toBe(true);
    expect(talosReadsContract(DEFAULT_VERSIONS.talos, DEFAULT_TALOS_CONTRACT)).toBe(true);
  });
});
