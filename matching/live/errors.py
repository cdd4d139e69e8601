"""Refusals of a live state."""


class EventRefused(ValueError):  # noqa: N818 - refusals are named by what happens, as in the service
    """An event that does not fit the state; nothing was changed. `field` names what is wrong."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(f"{field}: {sentence}")
        self.field = field
        self.sentence = sentence
