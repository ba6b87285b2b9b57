# Stands in for nixpkgs, of which a test needs the names alone: another name is an error, as there.
{ talosctl }:
let
  package = name: {
    outPath = name;
    version = if name == "talosctl" then talosctl else "1.0.0";
  };
  names = [
    "fluxcd"
    "go"
    "kubectl"
    "kubernetes-helm"
    "kubeseal"
    "nodejs_22"
    "opentofu"
    "talosctl"
  ];
in
builtins.listToAttrs (
  map (name: {
    inherit name;
    value = package name;
  }) names
)
// {
  mkShell = attributes: attributes;
}
