"""The recipes that come with crewboard: a TOML file each, and what lies beside it under the same name."""

import re
from pathlib import Path

from crewboard.errors import UnknownName
from crewboard.tools.files.atomic import check_place, make_folder, write_whole
from crewboard.tools.files.errors import OutputUnwritable

SHIPPED = Path(__file__).with_name("recipes")


def shipped(name: str) -> Path | None:
    """The path of a recipe that comes with crewboard."""
    path = SHIPPED / f"{name}.toml"
    return path if re.fullmatch(r"[a-z0-9-]+", name) and path.is_file() else None


def shipped_names() -> dict[str, str]:
    """Every shipped recipe, and the first line that it says of itself."""
    found = {}
    for path in sorted(SHIPPED.glob("*.toml")):
        if shipped(path.stem) is not None:
            first = path.read_text("utf-8").partition("\n")[0]
            found[path.stem] = first.removeprefix("#").strip()
    return found


def copy_shipped(name: str, folder: Path) -> list[Path]:
    """Copy a shipped recipe and what lies with it into `folder`; the copies. UnknownName; OutputUnwritable
    before anything is written where one of the names is taken."""
    if shipped(name) is None:
        raise UnknownName(kind="recipe", name=name, known=", ".join(shipped_names()))
    files = sorted(SHIPPED.glob(f"{name}.*"))
    make_folder(folder)
    places = [folder / file.name for file in files]
    for place in places:
        if place.exists():
            raise OutputUnwritable(path=place, reason="it is there already: name another --out")
        check_place(place)
    for file, place in zip(files, places, strict=True):
        write_whole(place, file.read_bytes())
    return places
