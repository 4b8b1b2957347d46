"""The module and the command say the same, field by field."""

import json
import os
import subprocess
import unittest

import preflight_emo
from support import DEADLINE, ROOT, built


class SameAsTheCommand(unittest.TestCase):
    def lines(self, *arguments):
        command = [built("preflight"), "check", "--no-config", "--format", "jsonl", "-q", *arguments]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=DEADLINE)
        self.assertIn(done.returncode, [0, 1, 3], done.stderr)
        return [line for line in done.stdout.splitlines() if line.startswith('{"type":"image"')]

    def test_each_fixture_has_the_same_line(self):
        for flags, options in [([], {}), (["--decode", "--strict"], {"decode": True, "strict": True})]:
            lines = self.lines("fixtures", "--no-ignore", *flags)
            self.assertGreater(len(lines), 30)
            names = [json.loads(line)["path"] for line in lines]
            here = os.getcwd()
            os.chdir(ROOT)
            try:
                reports = list(preflight_emo.check_many(names, **options))
            finally:
                os.chdir(here)
            for line, report in zip(lines, reports, strict=True):
                command, module = json.loads(line), report.to_dict()
                for fields in (command, module):
                    for finding in fields["findings"]:
                        finding.pop("help", None)  # the command's names a command to copy
                self.assertEqual(module, command)

    def test_a_line_of_the_command_is_a_report(self):
        for line in self.lines("fixtures/gallery"):
            report = preflight_emo.Report(line)
            self.assertEqual(report.to_json(), line)
            self.assertEqual(report.to_dict(), json.loads(line))


if __name__ == "__main__":
    unittest.main()
