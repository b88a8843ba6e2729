"""What the GPU does, as metrics of the run: utilisation, memory and power of this process's device."""

from typing import Any

import torch


class Telemetry:
    """Asks NVIDIA's management library; without a CUDA device it has nothing to say."""

    def __init__(self) -> None:
        self.handle: Any = None
        self.library: Any = None
        if not torch.cuda.is_available():
            return
        try:
            import pynvml

            pynvml.nvmlInit()
            index = torch.cuda.current_device()
            uuid = str(torch.cuda.get_device_properties(index).uuid)
            self.handle = pynvml.nvmlDeviceGetHandleByUUID(uuid if uuid.startswith("GPU-") else f"GPU-{uuid}")
            self.library = pynvml
        except Exception:
            # Telemetry never stops a run: a container may hide the library.
            self.handle = None

    def measure(self) -> dict[str, float]:
        """Metrics by the names that the run page draws."""
        if not torch.cuda.is_available():
            return {}
        found: dict[str, float] = {"gpu_memory_bytes": float(torch.cuda.max_memory_reserved())}
        if self.handle is None:
            return found
        library = self.library
        try:
            found["gpu_utilization"] = library.nvmlDeviceGetUtilizationRates(self.handle).gpu / 100
            found["gpu_memory_bytes"] = float(library.nvmlDeviceGetMemoryInfo(self.handle).used)
            found["gpu_power_watts"] = library.nvmlDeviceGetPowerUsage(self.handle) / 1000
        except Exception:
            self.handle = None
        return found
