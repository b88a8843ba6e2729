"""What a person has to know is one sentence."""


class RunError(Exception):
    """Something that the user gave or the machine lacks: one sentence that says what, and what to do."""


class OutOfMemory(RunError):
    """A step did not fit; `settings` are the options of run.yaml that halve the micro-batch, if it can be halved."""

    def __init__(self, message: str, settings: dict[str, int] | None) -> None:
        super().__init__(message)
        self.settings = settings

    def __reduce__(self) -> tuple[type["OutOfMemory"], tuple[str, dict[str, int] | None]]:
        """An exception with more than a message crosses from one process to another only when it says how."""
        return OutOfMemory, (str(self), self.settings)
