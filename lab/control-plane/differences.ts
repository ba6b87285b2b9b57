/** One way in which the lab's control plane is not what Talos runs. */
export interface Difference {
  /** Flag, environment variable or behaviour. */
  readonly what: string;
  readonly production: string;
  readonly lab: string;
  readonly why: string;
}

/** Arguments that the lab adds to the ones that Talos gives; they win over nothing that a machine config sets. */
export const LAB_ARGUMENTS = {
  etcd: { 'unsafe-no-fsync': 'true', 'log-level': 'warn' },
  'kube-apiserver': { 'default-watch-cache-size': '25' },
  'kube-controller-manager': { 'kube-api-qps': '200', 'kube-api-burst': '400' },
} as const;

/** Environment of every Go process on a node: collect garbage earlier, use fewer threads. */
export const LAB_ENVIRONMENT = { GOGC: '50', GOMAXPROCS: '2' } as const;

/** Every choice of the lab about control planes and kubelets, for docs and for the rehearsal's report. */
export const CONTROL_PLANE_DIFFERENCES: readonly Difference[] = [
  {
    what: 'etcd --unsafe-no-fsync, --log-level=warn',
    production: 'writes reach the disk before they are acknowledged',
    lab: 'writes reach the page cache, which outlives a killed process',
    why: 'several members share one disk; a power cut of a VM is a SIGKILL here and loses nothing',
  },
  {
    what: 'kube-apiserver --default-watch-cache-size=25; GOGC=50 and GOMAXPROCS=2 for all',
    production: 'defaults',
    lab: 'smaller',
    why: 'three control planes and five kubelets have to fit in 2 GiB',
  },
  {
    what: 'kube-controller-manager --kube-api-qps=200 --kube-api-burst=400',
    production: '20 and 30',
    lab: 'ten times that',
    why: 'its controllers ask for their tokens one by one at start, which takes 4 s at 20 calls a second',
  },
  {
    what: 'ClusterRole lab:kwok',
    production: 'not there: a node reads its own Node object only',
    lab: 'the group system:nodes may list nodes',
    why: 'kwok lists nodes once when it starts, even if it manages a single one',
  },
  {
    what: 'users of the processes',
    production: 'each static pod and etcd run as a user of their own',
    lab: 'all run as the user of the lab',
    why: 'a rootless user namespace maps one user',
  },
  {
    what: 'start of kube-controller-manager and kube-scheduler',
    production: 'at once; they crash and are restarted until the API answers',
    lab: 'when the API answers',
    why: 'the same end without the back-off of 10 s and more',
  },
  {
    what: 'polling (etcd join and promotion, health of services)',
    production: '3 to 20 s',
    lab: '100 to 500 ms',
    why: 'speed; the order of events is the same',
  },
  {
    what: 'KubePrism health checks',
    production: 'every 20 s; an open connection to a dead upstream ends after the TCP user timeout of 30 s',
    lab: 'every second; open connections to an upstream end when two checks in a row have failed',
    why: 'Node.js cannot set TCP_USER_TIMEOUT, and tests should not wait for it',
  },
  {
    what: 'lock around bootstrap manifests',
    production: 'an etcd lock, then the inventory ConfigMap',
    lab: 'the inventory ConfigMap alone, guarded by its resource version',
    why: 'objects are applied by server-side apply, so two writers give the same result',
  },
  {
    what: 'containers',
    production: 'containerd',
    lab: 'kwok plays every pod but those whose image the lab has as a binary; these run as processes in the VM',
    why: 'no container engine is needed',
  },
  {
    what: 'pods that run as processes',
    production: 'an image with its own root file system, probes, volumes of every kind',
    lab: 'first container only, host network only, service account volume only, no probes',
    why: 'enough for kube-vip; what else a pod asks for is refused with an event',
  },
  {
    what: 'kubelet port 10250',
    production: 'logs, exec and metrics for the API server',
    lab: 'nobody listens: kubectl logs and exec fail; logs are files in the log folder of the VM',
    why: 'no container to enter',
  },
  {
    what: 'CNI',
    production: 'a configuration that the CNI pod writes to /etc/cni/net.d',
    lab: 'a pod with the label k8s-app=cilium that is Running on the node',
    why: 'pods of kwok have no network',
  },
];
