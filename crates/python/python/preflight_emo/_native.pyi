# The types named with @type_check_only are there for type checkers alone: import them under
# `if TYPE_CHECKING:`.
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal, TypeAlias, TypedDict, final, type_check_only

from typing_extensions import Buffer, NotRequired, Self

__all__ = ["Call", "CheckMany", "Gate", "Report", "_end", "check", "check_many", "size"]

_Source: TypeAlias = str | os.PathLike[str] | os.PathLike[bytes] | Buffer
_Ratio: TypeAlias = Literal["1:1", "3:4"]
_Outcome: TypeAlias = Literal["pass", "reject", "unknown", "skip"]
_Stage: TypeAlias = Literal["input", "header", "limits", "content", "remote"]

@type_check_only
class Finding(TypedDict):
    code: str
    name: str
    severity: Literal["note", "warning", "error"]
    message: str
    help: NotRequired[str]
    measured: NotRequired[int | float]
    limit: NotRequired[int | float]

@type_check_only
class Origin(TypedDict):
    file: str
    line: int

@type_check_only
class Http(TypedDict):
    redirects: int
    requests: int
    status: NotRequired[int]
    final_url: NotRequired[str]
    etag: NotRequired[str]
    last_modified: NotRequired[str]
    total: NotRequired[int]
    retry_after: NotRequired[int]

@type_check_only
class Remote(TypedDict):
    service: Literal["emo", "standin"]
    model: str
    ratio: _Ratio
    charge: Literal["yes", "no", "unknown"]
    cached: bool
    attempts: int
    check_pass: NotRequired[bool]
    face_bbox: NotRequired[list[int | float]]
    ext_bbox: NotRequired[list[int | float]]
    humanoid: NotRequired[bool]
    reason: NotRequired[str]
    http_status: NotRequired[int]
    api_code: NotRequired[str]
    api_message: NotRequired[str]
    request_id: NotRequired[str]
    retry_after: NotRequired[int]
    oss_url: NotRequired[str]
    oss_expires: NotRequired[str]
    oss_model: NotRequired[str]

@type_check_only
class Boxes(TypedDict):
    image_url: NotRequired[str]
    face_bbox: list[int | float]
    ext_bbox: list[int | float]

@type_check_only
class HandOff(TypedDict):
    kind: Literal["ready", "upload-again", "made-up"]
    input: Boxes
    headers: dict[str, str]
    ratio: _Ratio
    model: str
    expires: NotRequired[str]
    bound_to: NotRequired[str]
    width: NotRequired[int]
    height: NotRequired[int]
    orientation: NotRequired[int]
    sha256: NotRequired[str]
    request_id: NotRequired[str]

@type_check_only
class Account(TypedDict):
    asked: int
    cached: int
    charged: int
    maybe_charged: int
    not_asked: int
    unsettled: int
    left: int

@final
class Report:
    @property
    def outcome(self) -> _Outcome: ...
    @property
    def stage(self) -> _Stage: ...
    type: Literal["image"]
    path: str | None
    path_b64: str | None
    url: str | None
    origin: Origin | None
    same_as: int | str | None
    reason: str | None
    format: str | None
    width: int | None
    height: int | None
    orientation: int | None
    bytes: int | None
    bytes_read: int | None
    sha256: str | None
    http: Http | None
    findings: list[Finding]
    remote: Remote | None
    handoff: HandOff | None
    def __new__(cls, line: str) -> Self: ...
    def to_dict(self) -> dict[str, Any]: ...
    def to_json(self) -> str: ...
    def __getnewargs__(self) -> tuple[str]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class CheckMany(Iterator[Report]):
    def __iter__(self) -> Self: ...
    def __next__(self) -> Report: ...

def check(
    source: _Source,
    *,
    profile: str = "emo",
    strict: bool = False,
    decode: bool = False,
    allow_net: Sequence[str] | None = None,
    timeout: float = 5.0,
    retries: int = 2,
) -> Report: ...
def check_many(
    sources: Iterable[_Source],
    *,
    jobs: int | None = None,
    profile: str = "emo",
    strict: bool = False,
    decode: bool = False,
    allow_net: Sequence[str] | None = None,
    timeout: float = 5.0,
    retries: int = 2,
) -> CheckMany: ...
def size(source: _Source) -> tuple[int, int] | None: ...

class Gate:
    def __new__(
        cls,
        *,
        profile: str = "emo",
        strict: bool = False,
        decode: bool = False,
        allow_net: Sequence[str] | None = None,
        timeout: float = 5.0,
        retries: int = 2,
        budget: int = 100,
        budget_per_day: int | None = None,
        ledger: str | os.PathLike[str] | bool | None = None,
        key: str | None = None,
        base_url: str | None = None,
        standin: str | os.PathLike[str] | bool | None = None,
    ) -> Self: ...
    def screen(self, source: _Source) -> Report: ...
    def account(self) -> Account: ...
    def close(self) -> None: ...
    def _admit(
        self,
        source: _Source,
        ratio: _Ratio,
        upload: bool | str,
        deliver: Callable[[Report | None], object],
    ) -> Call: ...

@final
class Call:
    def cancel(self) -> None: ...

def _end() -> None: ...
