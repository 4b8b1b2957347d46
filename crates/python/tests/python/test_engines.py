"""The recipes for Ray, Daft and Spark, run as they stand: one row out for every row in."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from support import ANNA, DEADLINE, GALLERY, ROOT, SMALL, built

RECIPES = ROOT / "crates" / "cli" / "docs" / "recipes"
PAGE = GALLERY / "login-page.png"  # a page of HTML
# Each of them twice, one that is not there, and one that nobody filled in.
IMAGES = [str(ANNA), str(SMALL), str(PAGE), "no/such image.png", None, str(SMALL), str(ANNA)]
EXPECTED = [
    ("pass", "limits", [], 480, 640),
    ("reject", "limits", ["PF202"], 399, 500),
    ("reject", "header", ["PF101"], None, None),
    ("unknown", "input", ["PF001"], None, None),
    ("unknown", "input", ["PF001"], None, None),
    ("reject", "limits", ["PF202"], 399, 500),
    ("pass", "limits", [], 480, 640),
]


class Engines(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)

    def run_script(self, script, *words, **environment):
        environment = os.environ | {
            "PREFLIGHT_BIN": built("preflight"),
            "PYSPARK_PYTHON": sys.executable,
            "RAY_ADDRESS": "local",
            "RAY_USAGE_STATS_ENABLED": "0",
            "DO_NOT_TRACK": "1",
            "SPARK_LOCAL_IP": "127.0.0.1",
        } | environment
        command = [sys.executable, str(RECIPES / script), *map(str, words)]
        done = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=5 * DEADLINE
        )
        self.assertEqual(done.returncode, 0, done.stdout[-4000:] + done.stderr[-4000:])
        return done.stdout

    def screen(self, script, images=IMAGES, name="image"):
        table = pa.table({"id": range(len(images)), name: images, "note": ["kept"] * len(images)})
        pq.write_table(table, self.folder / "in.parquet", row_group_size=3)
        words = [] if name == "image" else [name]
        self.run_script(script, "in.parquet", "out", *words)
        rows = ds.dataset(self.folder / "out").to_table().sort_by("id").to_pylist()
        self.assertEqual([row["id"] for row in rows], list(range(len(images))))
        self.assertEqual([row[name] for row in rows], list(images))
        self.assertEqual({row["note"] for row in rows}, {"kept"})
        for row in rows:
            self.assertEqual(row["help"] is None, row["outcome"] == "pass", row)
        return [tuple(row[it] for it in ("outcome", "stage", "codes", "width", "height")) for row in rows]

    def test_ray(self):
        self.assertEqual(self.screen("screen_with_ray.py"), EXPECTED)

    def test_spark(self):
        data = [ANNA.read_bytes(), SMALL.read_bytes(), None]
        expected = [EXPECTED[0], EXPECTED[1]]
        self.assertEqual(self.screen("screen_with_spark.py", data, "data")[:2], expected)

    def test_spark_pipe(self):
        self.assertEqual(self.screen("screen_with_pipe.py"), EXPECTED)

    def test_daft_and_what_comes_after_it(self):
        self.assertEqual(self.screen("screen_with_daft.py"), EXPECTED)
        # The hand-over: what passed goes to the paid stage, here to the stand-in.
        rows = ds.dataset(self.folder / "out").to_table().sort_by("id").to_pylist()
        said = self.run_script("ask_about_passed.py", "out", "asked.jsonl", 1, STANDIN="1")
        self.assertIn("'asked': 1", said)
        asked = [json.loads(line) for line in (self.folder / "asked.jsonl").read_text().splitlines()]
        # A line is written when its answer comes.
        asked.sort(key=lambda line: line["row"]["id"])
        self.assertEqual([line["row"] for line in asked], [row for row in rows if row["outcome"] == "pass"])
        # The same image twice is paid for once.
        self.assertEqual([line["report"]["handoff"]["kind"] for line in asked], ["made-up"] * 2)


if __name__ == "__main__":
    unittest.main()
