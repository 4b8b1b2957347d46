"""Screens a table of images with Daft: adds outcome, stage, codes, width, height and help.

usage: python screen_with_daft.py TABLE OUT [COLUMN]

TABLE is a file or folder of Parquet, or a CSV file. COLUMN (`image` if not named) holds URLs, paths or
bytes. OUT becomes a folder of Parquet with all columns of TABLE and those that were added.
"""

import sys

import daft
import preflight_emo
from daft import DataType

TEXT, PIXELS = DataType.string(), DataType.int32()
ADDED = {"outcome": TEXT, "stage": TEXT, "codes": DataType.list(TEXT)}
ADDED |= {"width": PIXELS, "height": PIXELS, "help": TEXT}


@daft.func.batch(return_dtype=DataType.struct(ADDED), unnest=True)
def screen(column: daft.Series):
    images = ["" if image is None else image for image in column.to_pylist()]
    return [row(report) for report in preflight_emo.check_many(images)]


def row(report):
    errors = [finding for finding in report.findings if finding["severity"] == "error"]
    codes = [finding["code"] for finding in errors]
    help = errors[0]["help"] if errors else None
    values = (report.outcome, report.stage, codes, report.width, report.height, help)
    return dict(zip(ADDED, values))


if __name__ == "__main__":
    source, target, column = (*sys.argv[1:], "image")[:3]
    table = daft.read_csv(source) if source.endswith(".csv") else daft.read_parquet(source)
    table.select("*", screen(table[column])).write_parquet(target)
