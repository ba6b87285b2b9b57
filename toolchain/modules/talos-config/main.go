// Command talos-config reads one machine config from standard input and answers as a Talos node would:
// it loads it with Talos' own loader and runs Talos' own validation.
//
// Standard output is one JSON object: {"error": "...", "stage": "parse"|"validate", "warnings": ["..."]};
// "error" is empty where the node would accept the config. Exit status 0 whenever there is an answer.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
	"github.com/siderolabs/talos/pkg/machinery/config/validation"
)

// metal answers the validator's questions about the platform as a node on the metal platform does.
type metal struct{}

func (metal) String() string        { return "metal" }
func (metal) RequiresInstall() bool { return true }
func (metal) InContainer() bool     { return false }

type answer struct {
	Error    string   `json:"error"`
	Stage    string   `json:"stage,omitempty"`
	Warnings []string `json:"warnings"`
}

func check(document []byte) answer {
	provider, err := configloader.NewFromBytes(document)
	if err != nil {
		return answer{Error: err.Error(), Stage: "parse", Warnings: []string{}}
	}

	warnings, err := provider.Validate(metal{}, validation.WithLocal())
	if warnings == nil {
		warnings = []string{}
	}

	if err != nil {
		return answer{Error: err.Error(), Stage: "validate", Warnings: warnings}
	}

	return answer{Warnings: warnings}
}

func main() {
	document, err := io.ReadAll(os.Stdin)
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(check(document))
	}

	if err != nil {
		fmt.Fprintln(os.Stderr, "talos-config:", err)
		os.Exit(1)
	}
}
