// SPDX-License-Identifier: MIT

package e2e

import (
	"os"
	"testing"

	"check_chrony/internal/plugintest"
)

func TestMain(m *testing.M) { os.Exit(plugintest.Main(m)) }
