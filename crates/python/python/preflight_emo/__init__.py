"""Checks images against the limits of Alibaba's EMO by their headers, before anything is paid for.

Four things: ``check`` looks at one image, ``check_many`` at many, ``size`` gives a width and a height,
and a ``Gate`` asks the paid detector about what passed. What came of an image is a ``Report``: a bad
image is no exception.

>>> import preflight_emo
>>> report = preflight_emo.check("fixtures/gallery/banner.png")
>>> report.outcome, report.findings[0]["message"]
('reject', 'longer side is 7001 px, needs at most 7000')
"""

import asyncio
import atexit

from preflight_emo import _native
from preflight_emo._native import Report, check, check_many, size

__all__ = ["Gate", "Report", "check", "check_many", "size"]

# Before the interpreter goes: paid calls that were sent are answered and written down.
atexit.register(_native._end)


class Gate(_native.Gate):
    """All stages, the paid one included: free first, paid last, each call written down in a ledger.

    ``screen`` runs the free stages. ``await gate.admit(...)`` asks the paid detector about what passes
    them. Without a key the paid stage can be rehearsed: with ``standin=True`` verdicts are made up by
    a local stand-in, and nothing is charged.

    The options of the free stages are those of ``check``. Those of the paid stage, which is opened at
    the first ``admit``:

    * ``budget``: the most requests of this gate, each retry one. Each process has its own.
    * ``budget_per_day``: the most requests of all runs of this machine on one day (UTC).
    * ``ledger``: a folder. ``None`` is the command's own, so that neither pays for what the other
      knows; ``False`` remembers nothing after the gate.
    * ``key``: without it ``DASHSCOPE_API_KEY``, or the files that the vendor's SDKs read.
    * ``base_url``: without it ``DASHSCOPE_HTTP_BASE_URL``, else the service's own.
    * ``standin``: ``True``, or a script of verdicts to make up.

    Raises ``TypeError`` and ``ValueError`` for an option that cannot be right; at the first ``admit``
    or ``account``, ``ValueError`` for a missing key and ``OSError`` for a ledger that cannot be opened.

    >>> import asyncio, preflight_emo
    >>> async def main():
    ...     async with preflight_emo.Gate(standin=True, budget=10) as gate:
    ...         report = await gate.admit("fixtures/gallery/anna.jpg", ratio="1:1")
    ...         return report.outcome, report.handoff["kind"], gate.account()["charged"]
    >>> asyncio.run(main())
    ('pass', 'made-up', 1)
    """

    __slots__ = ()

    def screen(self, source):
        """Runs the free stages, as ``check`` does with this gate's options."""
        return super().screen(source)

    async def admit(self, source, *, ratio="1:1", upload=False):
        """Runs the free stages, and asks the paid detector about what passes them.

        ``ratio`` is ``"1:1"`` for heads, ``"3:4"`` for half-length images. ``upload=True`` sends a
        file or bytes to the service's temporary store, where the detector finds them;
        ``upload="emo-v1"`` sends them for the video model, so that a pass can be handed over as it
        is. A URL needs no upload, and the stand-in none at all.

        A pass has a ``handoff``, the image's part of the video call. What cannot be asked (no budget,
        no address, a refused key) is a report whose ``outcome`` is ``"unknown"``.

        Budget is spent in the order in which this was called. It may be cancelled: nothing is sent any
        more then; a request that was sent before is answered and written down all the same, so that
        its verdict is known to the next who asks.
        """
        loop = asyncio.get_running_loop()
        answer = loop.create_future()

        def settle(report):
            if answer.done():
                return
            if report is None:
                answer.set_exception(RuntimeError("a check ended without an answer"))
            else:
                answer.set_result(report)

        def deliver(report):
            try:
                loop.call_soon_threadsafe(settle, report)
            except RuntimeError:
                pass  # The loop was closed: nobody waits any more.

        call = self._admit(source, ratio, upload, deliver)
        try:
            return await answer
        finally:
            call.cancel()

    def account(self):
        """What this gate asked and what that cost, as a dict of numbers of requests: ``asked``,
        ``charged``, ``maybe_charged``, ``left`` (of the budget) and ``unsettled`` (of earlier runs);
        and of images: ``cached`` and ``not_asked``."""
        return super().account()

    def close(self):
        """Sends nothing more, waits up to 5 seconds for what was sent, and closes the ledger.

        ``with`` and ``async with`` do it, and so does the end of the process. ``screen`` goes on to
        work. Blocks for as long: an event loop had better use ``async with``."""
        super().close()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    async def __aenter__(self):
        return self

    async def __aexit__(self, *exc):
        await asyncio.to_thread(self.close)
