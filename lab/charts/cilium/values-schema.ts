/**
 * Names and types of the values that the Cilium chart takes, as far as this project may set them: closed, so that a
 * misspelt value is refused (the real schema is open, and ignores it). Checked against cilium/cilium
 * install/kubernetes/cilium/values.schema.json of the 1.19 line; `loadBalancer.mode`, `.algorithm` and
 * `.dsrDispatch` and `socketLB.hostNamespaceOnly` stand in that chart's values.yaml as comments only.
 */
interface Schema {
  readonly type?: string | readonly string[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: false;
}

const flag: Schema = { type: 'boolean' };
const text: Schema = { type: 'string' };
const whole: Schema = { type: 'integer' };
const anyObject: Schema = { type: 'object' };
const anyList: Schema = { type: 'array' };
const texts: Schema = { type: 'array', items: text };
const textOrTexts: Schema = { type: ['array', 'string'], items: text };
const orNull = (type: string): Schema => ({ type: ['null', type] });
const closed = (properties: Readonly<Record<string, Schema>>): Schema => ({
  type: 'object',
  properties,
  additionalProperties: false,
});
const switched = (properties: Readonly<Record<string, Schema>> = {}): Schema =>
  closed({ enabled: flag, ...properties });
const each = (schema: Schema, ...names: readonly string[]): Record<string, Schema> =>
  Object.fromEntries(names.map((name) => [name, schema]));

const image = closed({
  ...each(text, 'digest', 'pullPolicy', 'repository', 'tag'),
  override: orNull('string'),
  useDigest: flag,
});
const syncedSecrets = closed({ create: flag, name: text, sync: flag });
const hostNetwork = switched({ nodes: closed({ matchLabels: anyObject }), sharedListenerPort: whole });
const serviceMonitor = switched({
  ...each(anyObject, 'annotations', 'labels'),
  ...each(text, 'interval', 'jobLabel'),
  ...each(orNull('array'), 'metricRelabelings', 'relabelings'),
  scrapeTimeout: orNull('string'),
  trustCRDsExist: flag,
});
const pods: Readonly<Record<string, Schema>> = {
  ...each(
    anyObject,
    'affinity',
    'annotations',
    'nodeSelector',
    'podAnnotations',
    'podLabels',
    'resources',
    'securityContext',
    'updateStrategy',
  ),
  ...each(anyList, 'extraArgs', 'extraEnv', 'extraVolumeMounts', 'extraVolumes', 'topologySpreadConstraints'),
  podDisruptionBudget: switched({
    ...each({ type: ['null', 'integer', 'string'] }, 'maxUnavailable', 'minAvailable'),
    unhealthyPodEvictionPolicy: orNull('string'),
  }),
  priorityClassName: text,
  rollOutPods: flag,
  tolerations: orNull('array'),
};

const bpf = closed({
  ...each(
    orNull('integer'),
    'authMapMax',
    'ctAnyMax',
    'ctTcpMax',
    'lbMapMax',
    'natMax',
    'neighMax',
    'nodeMapMax',
    'policyMapMax',
  ),
  ...each(orNull('boolean'), 'hostLegacyRouting', 'masquerade', 'tproxy'),
  ...each(
    flag,
    'ctAccounting',
    'disableExternalIPMitigation',
    'enableTCX',
    'lbAlgorithmAnnotation',
    'lbExternalClusterIP',
  ),
  ...each(flag, 'lbModeAnnotation', 'lbSourceRangeAllTypes', 'preallocateMaps'),
  ...each(text, 'datapathMode', 'monitorAggregation', 'monitorFlags', 'monitorInterval', 'root'),
  ...each(switched(), 'autoMount', 'distributedLRU'),
  events: anyObject,
  mapDynamicSizeRatio: { type: ['null', 'number', 'string'] },
  vlanBypass: orNull('array'),
});

const hubble = switched({
  annotations: anyObject,
  listenAddress: text,
  metrics: closed({
    ...each(anyObject, 'dashboards', 'dynamic', 'serviceAnnotations', 'tls'),
    enableOpenMetrics: flag,
    enabled: orNull('array'),
    port: whole,
    serviceMonitor,
  }),
  peerService: closed({ clusterDomain: text, targetPort: whole }),
  relay: switched({ ...pods, ...each(anyObject, 'prometheus', 'service', 'tls'), image, replicas: whole }),
  tls: anyObject,
  ui: switched({
    ...pods,
    ...each(anyObject, 'backend', 'frontend', 'ingress', 'service', 'standalone', 'tls'),
    replicas: whole,
  }),
});

const ipam = closed({
  ...each(text, 'ciliumNodeUpdateRate', 'mode', 'multiPoolPreAllocation'),
  nodeSpec: anyObject,
  operator: closed({
    ...each(whole, 'clusterPoolIPv4MaskSize', 'clusterPoolIPv6MaskSize'),
    ...each(textOrTexts, 'clusterPoolIPv4PodCIDRList', 'clusterPoolIPv6PodCIDRList'),
    autoCreateCiliumPodIPPools: anyObject,
    externalAPILimitBurstSize: orNull('integer'),
    externalAPILimitQPS: orNull('number'),
  }),
});

const gateways = {
  gatewayAPI: switched({
    ...each(flag, 'enableAlpn', 'enableAppProtocol', 'enableProxyProtocol'),
    externalTrafficPolicy: text,
    gatewayClass: closed({ create: text }),
    hostNetwork,
    secretsNamespace: syncedSecrets,
    xffNumTrustedHops: whole,
  }),
  ingressController: switched({
    ...each(flag, 'default', 'enableProxyProtocol', 'enforceHttps'),
    ...each(orNull('string'), 'defaultSecretName', 'defaultSecretNamespace'),
    hostNetwork,
    ingressLBAnnotationPrefixes: texts,
    loadbalancerMode: text,
    secretsNamespace: syncedSecrets,
    service: anyObject,
  }),
};

const agent = {
  ...each(flag, 'agent', 'cleanBpfState', 'cleanState', 'enableIPv6Masquerade', 'enableLBIPAM', 'healthChecking'),
  ...each(flag, 'installNoConntrackIptablesRules', 'l7Proxy', 'localRedirectPolicy', 'rollOutCiliumPods'),
  ...each(whole, 'MTU', 'healthPort', 'terminationGracePeriodSeconds', 'tunnelPort'),
  ...each(
    text,
    'defaultLBServiceIPAM',
    'dnsPolicy',
    'identityAllocationMode',
    'ipv4NativeRoutingCIDR',
    'ipv6NativeRoutingCIDR',
  ),
  ...each(text, 'k8sServiceHost', 'kubeProxyReplacementHealthzBindAddr', 'priorityClassName', 'routingMode'),
  ...each(text, 'tunnelProtocol', 'tunnelSourcePortRange', 'underlayProtocol'),
  ...each(switched(), 'endpointHealthChecking', 'externalIPs', 'hostFirewall', 'ipv4', 'ipv6', 'k8sNetworkPolicy'),
  ...each(switched(), 'l2NeighDiscovery', 'l2announcements', 'nodeIPAM', 'sctp'),
  ...each(
    anyObject,
    'extraConfig',
    'global',
    'maglev',
    'nodeSelector',
    'podAnnotations',
    'podLabels',
    'resources',
    'updateStrategy',
  ),
  ...each(anyList, 'extraArgs', 'imagePullSecrets', 'tolerations'),
  ...each(closed({ failureThreshold: whole, periodSeconds: whole }), 'readinessProbe', 'startupProbe'),
  autoDirectNodeRoutes: { type: ['boolean', 'string'] },
  commonLabels: orNull('object'),
  enableIPv4Masquerade: orNull('boolean'),
  k8sServicePort: { type: ['string', 'integer'] },
  kubeProxyReplacement: { type: ['string', 'boolean'] },
  upgradeCompatibility: orNull('string'),
};

export const CILIUM_VALUES: Schema & { readonly $schema: string } = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  ...closed({
    ...agent,
    ...gateways,
    bandwidthManager: switched({ bbr: flag, bbrHostNamespaceOnly: flag }),
    bgpControlPlane: switched({
      legacyOriginAttribute: switched(),
      routerIDAllocation: closed({ ipPool: text, mode: text }),
      secretsNamespace: closed({ create: flag, name: text }),
      statusReport: switched(),
    }),
    bpf,
    cgroup: closed({ autoMount: switched({ resources: anyObject }), hostRoot: text }),
    ciliumEndpointSlice: switched({ rateLimits: anyList }),
    cluster: closed({ id: whole, name: text }),
    cni: closed({
      ...each(text, 'binPath', 'confPath', 'configMap', 'configMapKey', 'hostConfDirMountPath', 'logFile'),
      ...each(flag, 'customConf', 'exclusive', 'install', 'uninstall'),
      ...each(orNull('string'), 'chainingMode', 'chainingTarget'),
      resources: anyObject,
    }),
    debug: switched(each(orNull('string'), 'metricsSamplingInterval', 'verbose')),
    egressGateway: switched({ reconciliationTriggerInterval: text }),
    encryption: switched({
      nodeEncryption: flag,
      strictMode: anyObject,
      type: text,
      wireguard: closed({ persistentKeepalive: text }),
    }),
    endpointRoutes: closed({ enabled: { type: ['boolean', 'string'] } }),
    envoy: closed({ ...pods, enabled: orNull('boolean'), image, prometheus: anyObject }),
    hubble,
    image,
    ipam,
    k8s: closed({ requireIPv4PodCIDR: flag, requireIPv6PodCIDR: flag }),
    k8sClientRateLimit: closed({
      ...each(orNull('integer'), 'burst', 'qps'),
      operator: closed(each(orNull('integer'), 'burst', 'qps')),
    }),
    l2podAnnouncements: switched({ interface: text }),
    livenessProbe: closed({ failureThreshold: whole, periodSeconds: whole, requireK8sConnectivity: flag }),
    loadBalancer: closed({
      ...each(text, 'acceleration', 'algorithm', 'dsrDispatch', 'mode'),
      l7: closed({ algorithm: text, backend: text, ports: anyList }),
    }),
    localRedirectPolicies: switched({ addressMatcherCIDRs: orNull('array') }),
    nodePort: closed({
      ...each(flag, 'autoProtectPortRange', 'bindProtection', 'enableHealthCheck', 'enableHealthCheckLoadBalancerIP'),
      addresses: { type: ['null', 'string', 'array'] },
    }),
    operator: switched({
      ...pods,
      ...each(anyObject, 'dashboards', 'image', 'podSecurityContext', 'pprof', 'prometheus', 'unmanagedPodWatcher'),
      ...each(
        text,
        'dnsPolicy',
        'endpointGCInterval',
        'identityGCInterval',
        'identityHeartbeatTimeout',
        'nodeGCInterval',
      ),
      ...each(flag, 'hostNetwork', 'removeNodeTaints', 'setNodeNetworkStatus', 'skipCRDCreation'),
      replicas: whole,
      setNodeTaints: orNull('boolean'),
    }),
    prometheus: switched({
      controllerGroupMetrics: texts,
      metrics: orNull('array'),
      metricsService: flag,
      port: whole,
      serviceMonitor,
    }),
    rbac: closed({ create: flag }),
    securityContext: closed({
      ...each(flag, 'allowPrivilegeEscalation', 'privileged'),
      capabilities: closed(each(texts, 'applySysctlOverwrites', 'ciliumAgent', 'cleanCiliumState', 'mountCgroup')),
      seLinuxOptions: closed({ level: text, type: text }),
    }),
    socketLB: switched({ hostNamespaceOnly: flag }),
  }),
};
