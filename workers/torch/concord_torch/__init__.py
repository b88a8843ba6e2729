"""Concord's torch engine: TRL's trainers behind the run contract of the TypeScript engine.

`python -m concord_torch run.yaml` is the command; `concord_torch.run.run` the same inside a process group that
somebody else has made (accelerate, torchrun, Ray Train).
"""
