"""The stubs, the examples in the docstrings, and the fields of a line."""

import ast
import doctest
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import preflight_emo
from support import DEADLINE, ROOT

STUBS = ROOT / "crates" / "python" / "python" / "preflight_emo" / "_native.pyi"
USE = """
import asyncio
import os
from pathlib import Path
from preflight_emo import Gate, Report, check, check_many, size

reports: list[Report] = list(check_many([Path("a"), "b", b"c", bytearray(), memoryview(b"")], jobs=2))
width: int | None = reports[0].width
codes: list[str] = [finding["code"] for finding in check(os.fspath("a"), strict=True).findings]
pair: tuple[int, int] | None = size(b"")
async def main() -> str:
    with Gate(standin=True, budget=3) as gate:
        report = await gate.admit("a", ratio="3:4", upload="emo-v1")
        return report.handoff["kind"] if report.handoff else str(gate.account()["charged"])
asyncio.run(main())
"""


def mypy(*arguments, **options):
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=4 * DEADLINE, **options)


class Types(unittest.TestCase):
    def test_the_stubs_say_what_the_module_has(self):
        found = mypy("mypy.stubtest", "preflight_emo", "--ignore-disjoint-bases")
        self.assertEqual(found.returncode, 0, found.stdout + found.stderr)

    def test_a_program_that_uses_it_is_strictly_typed(self):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "use.py").write_text(USE)
            found = mypy("mypy", "--strict", "use.py", cwd=folder)
            self.assertEqual(found.returncode, 0, found.stdout + found.stderr)
            (Path(folder) / "use.py").write_text("import preflight_emo\npreflight_emo.check(7)\n")
            self.assertEqual(mypy("mypy", "--strict", "use.py", cwd=folder).returncode, 1)

    def test_the_stubs_name_the_fields_of_the_schema(self):
        schema = json.loads((ROOT / "crates/cli/docs/schema/report-line.json").read_text())["$defs"]
        stubs = {
            node.name: {it.target.id for it in node.body if isinstance(it, ast.AnnAssign)}
            | {it.name for it in node.body if isinstance(it, ast.FunctionDef) and it.decorator_list}
            for node in ast.parse(STUBS.read_text()).body
            if isinstance(node, ast.ClassDef)
        }
        for stub, name in [
            ("Finding", "Finding"),
            ("Http", "HttpFacts"),
            ("Remote", "RemoteFacts"),
            ("Boxes", "VideoInput"),
            ("Origin", "ListLine"),
        ]:
            self.assertEqual(stubs[stub], set(schema[name]["properties"]), stub)
        self.assertEqual(stubs["HandOff"], {"kind", *schema["VideoCall"]["properties"]})
        line = {*schema["ImageLine"]["properties"], *schema["Report"]["properties"], "type", "same_as"}
        self.assertEqual(stubs["Report"], line)
        self.assertLessEqual(line, set(dir(preflight_emo.Report(preflight_emo.check(b"").to_json()))))


class Examples(unittest.TestCase):
    def test_the_examples_of_the_docstrings_run(self):
        here = os.getcwd()
        os.chdir(ROOT)
        self.addCleanup(os.chdir, here)
        parser, runner = doctest.DocTestParser(), doctest.DocTestRunner(verbose=False)
        documented = [preflight_emo, *(getattr(preflight_emo, name) for name in preflight_emo.__all__)]
        for thing in documented:
            example = parser.get_doctest(thing.__doc__, {}, thing.__name__, None, 0)
            self.assertGreater(len(example.examples), 0, thing)
            runner.run(example)
        self.assertEqual(runner.failures, 0)


if __name__ == "__main__":
    unittest.main()
