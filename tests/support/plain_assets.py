"""Assets for tests of templates: every name has an address and every icon is a drawing, nothing is built."""


class PlainAssets:
    """Answers as the built assets would, without a build."""

    def url(self, name: str) -> str:
        return f"/static/{name}"

    def icon(self, name: str) -> str:
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" class="icon icon-tabler">\n'
            f'  <path d="M4 4h16" data-name="{name}"/>\n</svg>\n'
        )
