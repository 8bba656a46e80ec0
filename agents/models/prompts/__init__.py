"""The few words that crewboard itself says to a model about the form of an answer."""

from importlib.resources import files


def render(name: str, **values: str) -> str:
    """`prompts/name.md` with `{value}` filled in; the values themselves are not interpreted."""
    text = files(__name__).joinpath(f"{name}.md").read_text("utf-8").strip()
    for key, value in values.items():
        text = text.replace("{" + key + "}", value)
    return text
