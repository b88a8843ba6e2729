"""`python -m tests.as_one_of_a_group run.yaml`: concord_torch in a process that shares its model over gloo, on the CPU.

DeepSpeed runs there by itself. accelerate offers FSDP2 to groups with GPUs alone, though torch computes it on the CPU
as well: it is told that this is one.
"""

import sys
from pathlib import Path

import torch
from accelerate import PartialState
from accelerate.utils import DistributedType

from concord_torch import model
from concord_torch.__main__ import main
from concord_torch.spec import read_spec

if read_spec(Path(sys.argv[1]))["distributed"] == "fsdp2":
    torch.distributed.init_process_group("gloo")
    PartialState._prepare_backend = lambda *_, **__: ("gloo", DistributedType.MULTI_GPU)
model.refuse_four_bits = lambda: None

main()
