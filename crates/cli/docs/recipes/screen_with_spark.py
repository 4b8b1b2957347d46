"""Screens a table of images with Spark: adds outcome, stage, codes, width, height and help.

usage: spark-submit screen_with_spark.py TABLE OUT [COLUMN]

TABLE is a file or folder of Parquet, or a CSV file. COLUMN (`image` if not named) holds URLs, paths or
bytes. OUT becomes a folder of Parquet with all columns of TABLE and those that were added.
"""

import sys

import pandas as pd
import preflight_emo
from pyspark.sql import SparkSession

ADDED = "outcome string, stage string, codes array<string>, width int, height int, help string"
NAMES = [field.split()[0] for field in ADDED.split(", ")]


def row(report):
    errors = [finding for finding in report.findings if finding["severity"] == "error"]
    codes = [finding["code"] for finding in errors]
    help = errors[0]["help"] if errors else None
    return report.outcome, report.stage, codes, report.width, report.height, help


def screen(frames, column):
    for frame in frames:
        images = frame[column].where(frame[column].notna(), "")
        rows = [row(report) for report in preflight_emo.check_many(images)]
        added = pd.DataFrame(rows, columns=NAMES, index=frame.index, dtype=object)
        yield frame.join(added)


if __name__ == "__main__":
    source, target, column = (*sys.argv[1:], "image")[:3]
    spark = SparkSession.builder.appName("preflight").getOrCreate()
    table = spark.read.load(source, format="csv" if source.endswith(".csv") else "parquet", header=True)
    schema = f"{table.schema.toDDL()}, {ADDED}"
    screened = table.mapInPandas(lambda frames: screen(frames, column), schema)
    screened.write.parquet(target)
