"""`Gate`: the paid stage, what it costs, and that nothing that was paid for is lost."""

import asyncio
import json
import os
import pickle
import subprocess
import tempfile
import unittest
from contextlib import ExitStack
from unittest import mock

import preflight_emo
from support import ANNA, GALLERY, SMALL, built, python, serving, standin

KEY = "sk-0123456789abcdef0123456789abcdef"


def asked(gate):
    account = gate.account()
    return account["asked"], account["charged"], account["maybe_charged"]


class Standin(unittest.IsolatedAsyncioTestCase):
    async def test_a_pass_is_handed_over(self):
        async with preflight_emo.Gate(standin=True) as gate:
            for source in [ANNA, ANNA.read_bytes(), bytearray(ANNA.read_bytes())]:
                report = await gate.admit(source)
                self.assertEqual((report.outcome, report.stage), ("pass", "remote"))
                self.assertEqual(report.remote["service"], "standin")
                self.assertEqual(report.handoff["kind"], "made-up")
                self.assertEqual(report.handoff["ratio"], "1:1")
                self.assertEqual(pickle.loads(pickle.dumps(report)), report)
            self.assertTrue(report.remote["cached"])
            self.assertEqual(asked(gate), (1, 1, 0))
            tall = await gate.admit(ANNA, ratio="3:4")
            self.assertEqual(tall.handoff["ratio"], "3:4")

    async def test_what_the_free_stages_reject_is_not_asked_about(self):
        async with preflight_emo.Gate(standin=True) as gate:
            self.assertEqual(gate.screen(SMALL), await gate.admit(SMALL))
            self.assertEqual(asked(gate), (0, 0, 0))

    async def test_a_url_is_asked_about(self):
        with serving() as server:
            async with preflight_emo.Gate(standin=True, allow_net=["127.0.0.1"]) as gate:
                report = await gate.admit(f"{server}/anna.jpg")
            self.assertEqual(report.outcome, "pass")
            self.assertEqual(report.handoff["input"]["image_url"], f"{server}/anna.jpg")

    async def test_the_budget_is_spent_in_the_order_of_the_calls(self):
        images = [bytes_of(at) for at in range(6)]
        async with preflight_emo.Gate(standin=True, budget=4) as gate:
            reports = await asyncio.gather(*(gate.admit(image) for image in images))
            self.assertEqual([report.outcome for report in reports], ["pass"] * 4 + ["unknown"] * 2)
            self.assertEqual(reports[5].findings[-1]["code"], "PF508")
            self.assertEqual((asked(gate), gate.account()["left"]), ((4, 4, 0), 0))

    async def test_a_script_makes_verdicts_up(self):
        script = GALLERY.parent / "standin.toml"
        async with preflight_emo.Gate(standin=script) as gate:
            report = await gate.admit(GALLERY / "ivan.webp")
            self.assertEqual((report.outcome, report.remote["reason"]), ("reject", "no-human"))

    async def test_misuse_is_told(self):
        async with preflight_emo.Gate(standin=True) as gate:
            for options, words in [({"ratio": "2:1"}, "2:1"), ({"upload": "emo-v2"}, "emo-v2")]:
                with self.assertRaisesRegex(ValueError, words):
                    await gate.admit(ANNA, **options)
            with self.assertRaises(TypeError):
                await gate.admit(None)
        with self.assertRaisesRegex(ValueError, "closed"):
            await gate.admit(ANNA)
        self.assertEqual(gate.screen(ANNA).outcome, "pass")
        with self.assertRaisesRegex(ValueError, "emoji"):
            await preflight_emo.Gate(standin=True, profile="emoji").admit(ANNA)
        for options in [
            {"standin": True, "key": KEY},
            {"ledger": False, "budget_per_day": 3},
            {"base_url": "nonsense"},
            {"key": "<your key>"},
            {"profile": "nosuch"},
        ]:
            with self.subTest(options), self.assertRaises(ValueError):
                preflight_emo.Gate(**options)
        for options in [{"ledger": 7}, {"standin": b"x"}, {"budget": "many"}]:
            with self.subTest(options), self.assertRaises(TypeError):
                preflight_emo.Gate(**options)


class Service(unittest.IsolatedAsyncioTestCase):
    """Against the stand-in as a server of its own, with a key and a ledger, as the service is asked."""

    def setUp(self):
        stack = ExitStack()
        self.addCleanup(stack.close)
        self.folder = stack.enter_context(tempfile.TemporaryDirectory())
        self.server = stack.enter_context(serving())
        self.stack = stack

    def gate(self, *flags, **options):
        base_url = self.stack.enter_context(standin(*flags))
        settings = {"key": KEY, "base_url": base_url, "ledger": self.folder, "allow_net": ["127.0.0.1"]}
        self.options = settings | options
        return preflight_emo.Gate(**self.options)

    async def test_the_ledger_knows_what_was_paid_for(self):
        async with self.gate() as gate:
            first = await gate.admit(f"{self.server}/anna.jpg")
            self.assertEqual((first.outcome, asked(gate)), ("pass", (1, 1, 0)))
        async with preflight_emo.Gate(**self.options) as gate:
            again = await gate.admit(f"{self.server}/anna.jpg")
            self.assertTrue(again.remote["cached"])
            self.assertEqual(asked(gate), (0, 0, 0))

    async def test_bytes_are_uploaded_where_that_is_asked_for(self):
        async with self.gate() as gate:
            nowhere = await gate.admit(ANNA)
            self.assertEqual(nowhere.findings[-1]["code"], "PF507")
            report = await gate.admit(ANNA.read_bytes(), upload="emo-v1")
            self.assertEqual(report.outcome, "pass", report.findings)
            self.assertTrue(report.handoff["input"]["image_url"].startswith("oss://"))

    async def test_a_cancelled_await_loses_nothing_that_was_paid_for(self):
        async with self.gate("--delay", "700") as gate:
            call = asyncio.create_task(gate.admit(f"{self.server}/anna.jpg"))
            while asked(gate)[0] == 0:
                await asyncio.sleep(0.02)
            call.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await call
        # Closed: the call that was sent is answered and written down.
        self.assertEqual(spent(self.folder), [(1, 1, 0)])
        async with preflight_emo.Gate(**self.options) as gate:
            self.assertTrue((await gate.admit(f"{self.server}/anna.jpg")).remote["cached"])

    async def test_a_cancelled_await_sends_nothing_more(self):
        async with self.gate("--delay", "300") as gate:
            calls = [asyncio.create_task(gate.admit(bytes_of(at), upload=True)) for at in range(12)]
            await asyncio.sleep(0.4)
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)
            await asyncio.sleep(1)
            sent = asked(gate)[0]
            await asyncio.sleep(2)
            self.assertEqual(asked(gate)[0], sent)
            self.assertLess(sent, 12)
            self.assertEqual(asked(gate)[2], 0)

    async def test_two_that_ask_the_same_pay_once(self):
        async with self.gate("--delay", "300") as gate:
            url = f"{self.server}/anna.jpg"
            reports = await asyncio.gather(*(gate.admit(url) for _ in range(5)))
            self.assertEqual([report.outcome for report in reports], ["pass"] * 5)
            self.assertEqual(asked(gate), (1, 1, 0))

    def test_the_end_of_the_process_settles_what_was_sent(self):
        with self.gate("--delay", "500"):
            pass
        code = """
import asyncio, sys, preflight_emo
gate = preflight_emo.Gate(key=sys.argv[1], base_url=sys.argv[2], ledger=sys.argv[3], allow_net=["127.0.0.1"])
async def main():
    call = asyncio.ensure_future(gate.admit(sys.argv[4]))
    while gate.account()["asked"] == 0:
        await asyncio.sleep(0.01)
asyncio.run(main())
"""
        ended = python(code, KEY, self.options["base_url"], self.folder, f"{self.server}/anna.jpg")
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertEqual(spent(self.folder), [(1, 1, 0)])

    async def test_the_days_budget_is_the_ledgers(self):
        async with self.gate(budget_per_day=2) as gate:
            reports = await asyncio.gather(*(gate.admit(bytes_of(at), upload=True) for at in range(4)))
            self.assertEqual(sorted(report.outcome for report in reports), ["pass"] * 2 + ["unknown"] * 2)

    def test_the_key_is_in_no_text(self):
        gate = self.gate()
        self.assertNotIn(KEY, repr(gate))
        self.assertNotIn(KEY, str(vars(gate) if hasattr(gate, "__dict__") else ""))
        with self.assertRaises(TypeError):
            pickle.dumps(gate)
        with self.assertRaises(ValueError) as wrong:
            preflight_emo.Gate(key=f"'{KEY}'")
        self.assertNotIn(KEY, str(wrong.exception))

    async def test_without_a_key_only_the_paid_stage_cannot_be_had(self):
        with tempfile.TemporaryDirectory() as home, mock.patch.dict(os.environ, {"HOME": home}, clear=True):
            async with preflight_emo.Gate() as gate:
                self.assertEqual(gate.screen(ANNA).outcome, "pass")
                with self.assertRaisesRegex(ValueError, "DASHSCOPE_API_KEY"):
                    await gate.admit(ANNA)

    async def test_a_ledger_that_cannot_be_opened_is_told(self):
        with open(f"{self.folder}/file", "w"):
            pass
        gate = self.gate(ledger=f"{self.folder}/file")
        with self.assertRaisesRegex(OSError, "ledger"):
            await gate.admit(ANNA)


def bytes_of(number):
    """An image that is fit, and another one for each number."""
    return ANNA.read_bytes() + str(number).encode()


def spent(folder):
    """What a ledger says of the day: requests asked, charged, and maybe charged."""
    environment = os.environ | {"PREFLIGHT_CACHE_DIR": folder}
    export = [built("preflight"), "ledger", "export"]
    lines = subprocess.run(export, env=environment, capture_output=True, text=True, check=True).stdout
    days = [line for line in map(json.loads, lines.splitlines()) if line["type"] == "day"]
    return [tuple(day[name] for name in ("asked", "charged", "maybe_charged")) for day in days]


if __name__ == "__main__":
    unittest.main()
