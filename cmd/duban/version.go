package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

type versionCommand struct{}

// Run prints the version of the program, of Go, and of the parts that keep data.
func (versionCommand) Run(p program) error {
	fmt.Fprintln(p.out, "duban", version)
	fmt.Fprintln(p.out, "go", runtime.Version(), runtime.GOOS+"/"+runtime.GOARCH)
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return nil
	}
	for _, m := range build.Deps {
		switch m.Path {
		case "go.temporal.io/server", "go.temporal.io/sdk":
			fmt.Fprintln(p.out, m.Path, m.Version)
		}
	}
	return nil
}
