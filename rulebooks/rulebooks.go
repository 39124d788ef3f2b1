// Package rulebooks holds the rulebooks and organisations shipped with the program.
package rulebooks

import "embed"

// FS is the folder of the shipped rulebooks (*.yaml) and organisations (*.org.yaml).
//
//go:embed *.yaml
var FS embed.FS
