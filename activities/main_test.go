package activities_test

import (
	"os"
	"testing"

	"duban/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Run(m)) }
