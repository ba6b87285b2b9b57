# The same names as in nixpkgs.nix, with a shell that nix-shell can enter: nothing of it is built, so nothing is fetched.
{ ... }:
import ./nixpkgs.nix { talosctl = "1.13.2"; }
// {
  mkShell =
    attributes:
    derivation (
      {
        name = "shell";
        system = builtins.currentSystem;
        builder = "/bin/sh";
        # Its `setup` is what puts the packages on the path
        stdenv = builtins.getEnv "STDENV";
      }
      // attributes
    );
}
