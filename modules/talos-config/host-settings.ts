import type { ClusterPlan } from '../model/cluster-plan';
import { systemDiskEncryption } from './disk-encryption';

const filled = (fields: object): boolean => Object.keys(fields).length > 0;

/** A factory without TLS is a registry without TLS: containerd asks it by https unless a mirror says otherwise. */
const plainFactory = ({ images: { factory } }: ClusterPlan): Record<string, object> =>
  factory.startsWith('http:') ? { [new URL(factory).host]: { endpoints: [factory] } } : {};

/** In the form of v1alpha1, which every Talos reads; RegistryMirrorConfig says the same from 1.12 on. */
const registries = (plan: ClusterPlan): object => {
  const mirrors = {
    ...plainFactory(plan),
    ...Object.fromEntries(
      Object.entries(plan.talos.registryMirrors).map(([registry, { endpoints, skipFallback, overridePath }]) => [
        registry,
        { endpoints, ...(overridePath && { overridePath }), ...(skipFallback && { skipFallback }) },
      ]),
    ),
  };
  return filled(mirrors) ? { registries: { mirrors } } : {};
};

const kernel = ({ talos: { kernelModules } }: ClusterPlan): object => {
  const modules = Object.entries(kernelModules).map(([name, parameters]) => ({
    name,
    ...(parameters.length > 0 && { parameters }),
  }));
  return modules.length === 0 ? {} : { kernel: { modules } };
};

/** Choices of the operating system that all nodes share, as patches: none where the spec makes no choice. */
export const hostSettings = (plan: ClusterPlan): object[] => {
  const { sysctls, trustedCertificates, diskEncryption } = plan.talos;
  const machine = {
    ...(filled(sysctls) && { sysctls }),
    ...kernel(plan),
    ...registries(plan),
    ...systemDiskEncryption(diskEncryption),
  };
  return [
    ...(filled(machine) ? [{ machine }] : []),
    ...(trustedCertificates.length === 0
      ? []
      : [
          {
            apiVersion: 'v1alpha1',
            kind: 'TrustedRootsConfig',
            name: 'spec',
            certificates: trustedCertificates.join(''),
          },
        ]),
  ];
};
