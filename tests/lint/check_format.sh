#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fails when clang-format would change a file. Usage: check_format.sh ROOT
set -euo pipefail
cd "$1"
find include src tools examples tests bench \( -name '*.h' -o -name '*.cc' \) -print0 |
  xargs -0 clang-format-16 --dry-run --Werror
echo "formatted"
