from types import TracebackType
from typing import Literal

from preflight_emo import _native
from preflight_emo._native import _Ratio, _Source
from preflight_emo._native import Account as Account
from preflight_emo._native import Boxes as Boxes
from preflight_emo._native import Finding as Finding
from preflight_emo._native import HandOff as HandOff
from preflight_emo._native import Http as Http
from preflight_emo._native import Origin as Origin
from preflight_emo._native import Remote as Remote
from preflight_emo._native import Report as Report
from preflight_emo._native import check as check
from preflight_emo._native import check_many as check_many
from preflight_emo._native import size as size

__all__ = ["Gate", "Report", "check", "check_many", "size"]

class Gate(_native.Gate):
    def screen(self, source: _Source) -> Report: ...
    async def admit(
        self, source: _Source, *, ratio: _Ratio = "1:1", upload: bool | Literal["emo-v1"] = False
    ) -> Report: ...
    def account(self) -> Account: ...
    def close(self) -> None: ...
    def __enter__(self) -> Gate: ...
    def __exit__(
        self,
        *exc: type[BaseException] | BaseException | TracebackType | None,
    ) -> None: ...
    async def __aenter__(self) -> Gate: ...
    async def __aexit__(
        self,
        *exc: type[BaseException] | BaseException | TracebackType | None,
    ) -> None: ...
