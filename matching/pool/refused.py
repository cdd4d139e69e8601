"""The one refusal of the pool."""


class PoolRefused(ValueError):  # noqa: N818 - refusals are named by what happens, as in the service
    """Records or columns that cannot become a pool; `field` names the culprit, `sentence` says why."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(f"{field}: {sentence}")
        self.field = field
        self.sentence = sentence
