"""Screens a table of images with Spark's pipe and the command: the workers need no Python module.

usage: spark-submit screen_with_pipe.py TABLE OUT [COLUMN]; see screen_with_spark.py. COLUMN holds URLs
or paths, and PREFLIGHT_BIN names the command as a worker finds it.
"""

import json
import os
import shlex
import sys

from pyspark.sql import SparkSession

ADDED = "outcome string, stage string, codes array<string>, width int, height int, help string"
# 1 and 3 are answers: images are bad, or could not be looked at. Anything else fails the task.
COMMAND = r"""IFS= read -r first || exit 0
{ printf '%s\n' "$first"; cat; } | tr '\n' '\0' |
  "$PREFLIGHT_BIN" check --files-from - -0 --no-config --format jsonl -q
case $? in 0|1|3) ;; *) exit 2 ;; esac"""


def rows(pairs):
    reports = []  # of this partition: a later line may say that it is the same as an earlier one
    for row, line in pairs:
        report = json.loads(line)
        reports.append(reports[report["same_as"] - 1] if "same_as" in report else report)
        errors = [it for it in reports[-1]["findings"] if it["severity"] == "error"]
        help = errors[0]["help"] if errors else None
        facts = [reports[-1].get(name) for name in ("width", "height")]
        yield (*row, report["outcome"], report["stage"], [it["code"] for it in errors], *facts, help)


if __name__ == "__main__":
    source, target, column = (*sys.argv[1:], "image")[:3]
    spark = SparkSession.builder.appName("preflight").getOrCreate()
    is_csv = source.endswith(".csv")
    table = spark.read.csv(source, header=True) if is_csv else spark.read.parquet(source)
    env = {"PREFLIGHT_BIN": "preflight", **os.environ}
    names = table.rdd.map(lambda row: row[column] or "(no image)")
    lines = names.pipe("sh -c " + shlex.quote(COMMAND), env=env, checkCode=True)
    pairs = table.rdd.zip(lines.filter(lambda line: line.startswith('{"type":"image"')))
    schema = f"{table.schema.toDDL()}, {ADDED}"
    spark.createDataFrame(pairs.mapPartitions(rows), schema).write.parquet(target)
