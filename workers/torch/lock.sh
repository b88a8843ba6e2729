#!/bin/sh
# Writes requirements.lock anew: the exact versions that torch:setup installs. torch and what belongs to it (CUDA's
# libraries, triton) are left out, because which build fits is decided on the machine.
set -e
cd "$(dirname "$0")"
{
  echo "# Made by lock.sh from pyproject.toml; torch itself is chosen by setup.ts."
  uv pip compile pyproject.toml --universal --python-version 3.11 --no-annotate --no-header --quiet |
    grep -vE '^(torch|triton|cuda-[a-z-]+|nvidia-(cu[a-z0-9-]+|nccl[a-z0-9-]*|nvjitlink|nvshmem[a-z0-9-]*|nvtx))=='
} > requirements.lock
