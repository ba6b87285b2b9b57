# What a person types, in one place: `nix-shell`, or direnv by .envrc. The lab and the tests bring their own programs.
{
  pkgs ? import <nixpkgs> { },
}:
let
  # talosctl speaks to machines of its own minor version; the cluster's stands in the defaults of the spec.
  lines = builtins.filter builtins.isString (builtins.split "\n" (builtins.readFile ./modules/model/versions.ts));
  minors = builtins.filter (found: found != null) (map (builtins.match "  talos: '([0-9]+\\.[0-9]+)\\..*") lines);
  wanted = builtins.head (builtins.head minors);
  present = builtins.head (builtins.match "([0-9]+\\.[0-9]+)\\..*" pkgs.talosctl.version);
  checkout = toString ./.;
in
pkgs.mkShell {
  packages = [
    pkgs.nodejs_22
    pkgs.go
    pkgs.opentofu
    pkgs.kubectl
    pkgs.talosctl
    pkgs.fluxcd
    pkgs.kubernetes-helm
    pkgs.kubeseal
  ];
  # cdktf, and groundwork with it, calls `terraform` otherwise
  TERRAFORM_BINARY_NAME = "tofu";
  KUBECONFIG = "${checkout}/kubeconfig";
  TALOSCONFIG = "${checkout}/talosconfig";
  shellHook =
    if present == wanted then
      ""
    else
      "echo 'talosctl of nixpkgs is ${present}, the cluster runs Talos ${wanted}: take a nixpkgs that has ${wanted}' >&2";
}
