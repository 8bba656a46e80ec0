"""The twin's files, in memory, in both providers' forms."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.parser import BytesParser
from typing import Any

from crewboard.errors import RequestRefused


@dataclass(frozen=True)
class File:
    id: str
    name: str
    content: bytes
    purpose: str = "user_data"

    def as_openai(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": "file",
            "bytes": len(self.content),
            "created_at": 0,
            "filename": self.name,
            "purpose": self.purpose,
            "status": "processed",
        }

    def as_anthropic(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "type": "file",
            "filename": self.name,
            "mime_type": "application/octet-stream",
            "size_bytes": len(self.content),
            "created_at": moment(),
            "downloadable": True,
        }


@dataclass
class Files:
    kept: dict[str, File] = field(default_factory=dict)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    def add(self, name: str, content: bytes, purpose: str = "user_data") -> File:
        file = File(f"file-{next(self._numbers):06d}", name, content, purpose)
        self.kept[file.id] = file
        return file

    def get(self, name: str) -> File:
        file: File = found(self.kept, name, "file")
        return file


def found(kept: dict[str, Any], name: str, kind: str) -> Any:
    """RequestRefused (404) where there is none."""
    if name not in kept:
        reason = f"No such {kind}: {name}"
        raise RequestRefused(provider="the twin", status=404, reason=reason)
    return kept[name]


def parts_of(content_type: str, body: bytes) -> dict[str, tuple[str, bytes]]:
    """The fields of a multipart/form-data body (RFC 7578): name -> (file name, bytes)."""
    head = b"Content-Type: " + content_type.encode("latin-1") + b"\r\n\r\n"
    message = BytesParser(policy=policy.HTTP).parsebytes(head + body)
    parts: dict[str, tuple[str, bytes]] = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        parts[str(name)] = (
            part.get_filename() or "",
            content if isinstance(content, bytes) else b"",
        )
    return parts


def moment() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
