"""Screens a table of images with Ray Data: adds outcome, stage, codes, width, height and help.

usage: python screen_with_ray.py TABLE OUT [COLUMN]

TABLE is a file or folder of Parquet, or a CSV file. COLUMN (`image` if not named) holds URLs, paths or
bytes. OUT becomes a folder of Parquet with all columns of TABLE and those that were added.
"""

import sys

import preflight_emo
import pyarrow as pa
import ray


def screen(batch, column):
    images = ["" if image is None else image for image in batch[column].to_pylist()]
    rows = []
    for report in preflight_emo.check_many(images):
        errors = [finding for finding in report.findings if finding["severity"] == "error"]
        codes = [finding["code"] for finding in errors]
        help = errors[0]["help"] if errors else None
        rows.append((report.outcome, report.stage, codes, report.width, report.height, help))
    outcomes, stages, codes, widths, heights, helps = zip(*rows) if rows else [()] * 6
    batch = batch.append_column("outcome", pa.array(outcomes, pa.string()))
    batch = batch.append_column("stage", pa.array(stages, pa.string()))
    batch = batch.append_column("codes", pa.array(codes, pa.list_(pa.string())))
    batch = batch.append_column("width", pa.array(widths, pa.int32()))
    batch = batch.append_column("height", pa.array(heights, pa.int32()))
    return batch.append_column("help", pa.array(helps, pa.string()))


if __name__ == "__main__":
    source, target, column = (*sys.argv[1:], "image")[:3]
    table = ray.data.read_csv(source) if source.endswith(".csv") else ray.data.read_parquet(source)
    screened = table.map_batches(screen, batch_format="pyarrow", fn_kwargs={"column": column})
    screened.write_parquet(target)
