"""Screens a table of images with Spark's pipe and the command: the workers need no Python module.
usage: as of screen_with_spark.py. PREFLIGHT_BIN names the command as a worker finds it.
"""

import json
import os
import shlex
import sys

from pyspark.sql import SparkSession

ADDED = "outcome string, stage string, codes array<string>, width int, height int, help string"
# 1 and 3 are answers: images are bad, or could not be looked at. Anything else fails the task.
COMMAND = r"""IFS= read -r first || exit 0
{ printf '%s\n' "$first"; cat; } | tr '\n' '\0' | "$PREFLIGHT_BIN" check \
  --files-from - -0 --no-config --format jsonl -q
case $? in 0|1|3) ;; *) exit 2 ;; esac"""


def rows(pairs):
    firsts = []  # of this partition: a line may say that it is the same as an earlier one
    for row, line in pairs:
        report = json.loads(line)
        firsts.append(firsts[report["same_as"] - 1] if "same_as" in report else report)
        facts = [firsts[-1].get(name) for name in ("outcome", "stage", "width", "height")]
        errors = [it for it in firsts[-1]["findings"] if it["severity"] == "error"]
        help = errors[0]["help"] if errors else None
        yield (*row, *facts[:2], [it["code"] for it in errors], *facts[2:], help)


if __name__ == "__main__":
    source, target, column = (*sys.argv[1:], "image")[:3]
    spark = SparkSession.builder.appName("preflight").getOrCreate()
    table = spark.read.load(source, format="csv" if source.endswith(".csv") else "parquet", header=True)
    env = {"PATH": os.environ["PATH"], "PREFLIGHT_BIN": os.environ.get("PREFLIGHT_BIN", "preflight")}
    names = table.rdd.map(lambda row: row[column] or "(no image)")
    lines = names.pipe("sh -c " + shlex.quote(COMMAND), env=env, checkCode=True)
    pairs = table.rdd.zip(lines.filter(lambda line: line.startswith('{"type":"image"')))
    schema = f"{table.schema.toDDL()}, {ADDED}"
    spark.createDataFrame(pairs.mapPartitions(rows), schema).write.parquet(target)
