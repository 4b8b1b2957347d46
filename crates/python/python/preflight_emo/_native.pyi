import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal, TypeAlias, TypedDict, final

from typing_extensions import Buffer, NotRequired, Self

Source: TypeAlias = str | os.PathLike[str] | os.PathLike[bytes] | Buffer
Ratio: TypeAlias = Literal["1:1", "3:4"]
Outcome: TypeAlias = Literal["pass", "reject", "unknown", "skip"]
Stage: TypeAlias = Literal["input", "header", "limits", "content", "remote"]

class Finding(TypedDict):
    code: str
    name: str
    severity: Literal["note", "warning", "error"]
    message: str
    help: NotRequired[str]
    measured: NotRequired[int | float]
    limit: NotRequired[int | float]

class Origin(TypedDict):
    file: str
    line: int

class Http(TypedDict):
    redirects: int
    requests: int
    status: NotRequired[int]
    final_url: NotRequired[str]
    etag: NotRequired[str]
    last_modified: NotRequired[str]
    total: NotRequired[int]
    retry_after: NotRequired[int]

class Remote(TypedDict):
    service: Literal["emo", "standin"]
    model: str
    ratio: Ratio
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

class Boxes(TypedDict):
    image_url: NotRequired[str]
    face_bbox: list[int | float]
    ext_bbox: list[int | float]

class HandOff(TypedDict):
    kind: Literal["ready", "upload-again", "made-up"]
    input: Boxes
    headers: dict[str, str]
    ratio: Ratio
    model: str
    expires: NotRequired[str]
    bound_to: NotRequired[str]
    width: NotRequired[int]
    height: NotRequired[int]
    orientation: NotRequired[int]
    sha256: NotRequired[str]
    request_id: NotRequired[str]

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
    def outcome(self) -> Outcome: ...
    @property
    def stage(self) -> Stage: ...
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
    source: Source,
    *,
    profile: str = "emo",
    strict: bool = False,
    decode: bool = False,
    allow_net: Sequence[str] | None = None,
    timeout: float = 5.0,
    retries: int = 2,
) -> Report: ...
def check_many(
    sources: Iterable[Source],
    *,
    jobs: int | None = None,
    profile: str = "emo",
    strict: bool = False,
    decode: bool = False,
    allow_net: Sequence[str] | None = None,
    timeout: float = 5.0,
    retries: int = 2,
) -> CheckMany: ...
def size(source: Source) -> tuple[int, int] | None: ...

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
    def screen(self, source: Source) -> Report: ...
    def account(self) -> Account: ...
    def close(self) -> None: ...
    def _admit(
        self,
        source: Source,
        ratio: Ratio,
        upload: bool | str,
        deliver: Callable[[Report | None], object],
    ) -> Call: ...

@final
class Call:
    def cancel(self) -> None: ...

def _end() -> None: ...
