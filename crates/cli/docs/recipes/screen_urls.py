"""Screens a list of images with Spark: one preflight process a partition, names in, report lines out.

usage: spark-submit screen_urls.py LIST OUT [PARTITIONS]

LIST holds one URL or path a line. OUT becomes a folder of JSON Lines, one object an image.
PREFLIGHT_BIN names the command as a worker finds it; `preflight` on the path if not set.
"""

import os
import shlex
import sys

from pyspark.sql import SparkSession

# 1 and 3 are answers: some images are bad, or could not be looked at. Anything else must fail the
# task, so that Spark tries it again and nothing is lost without a word. A partition without lines
# is no mistake; --allow-empty would also keep silent about a path that is not there.
COMMAND = r"""
IFS= read -r first || exit 0
{ printf '%s\n' "$first"; cat; } | "$PREFLIGHT_BIN" check --files-from - --no-config --format jsonl -q
case $? in 0|1|3) exit 0 ;; *) exit 2 ;; esac
"""


def names_an_image(line):
    """Whether a line names something that can be looked at from here."""
    word = line.strip()
    return word != "" and not word.startswith("#") and not word.lower().startswith("oss://")


def main():
    source, target = sys.argv[1], sys.argv[2]
    partitions = int(sys.argv[3]) if len(sys.argv) > 3 else None
    spark = SparkSession.builder.appName("preflight").getOrCreate()
    lines = spark.sparkContext.textFile(source).filter(names_an_image)
    if partitions:
        lines = lines.repartition(partitions)
    # Spark gives the process an empty environment unless it is told otherwise. The key is not passed
    # on: the free stages need none.
    env = {
        "PATH": os.environ["PATH"],
        "PREFLIGHT_BIN": os.environ.get("PREFLIGHT_BIN", "preflight"),
    }
    report = lines.pipe("sh -c " + shlex.quote(COMMAND), env=env, checkCode=True)
    images = report.filter(lambda line: line.startswith('{"type":"image"'))
    images.saveAsTextFile(target)
    spark.stop()


if __name__ == "__main__":
    main()
