/**
 * Where Talos' own load balancer for the Kubernetes API listens on every node, on localhost. Talos' default, stated in
 * every machine config because Cilium is told the same.
 */
export const KUBE_PRISM_PORT = 7445;
