"""Asks the paid detector about the images that an engine has screened, in one place, with a ledger.

usage: python ask_about_passed.py SCREENED OUT BUDGET [COLUMN]

SCREENED is a folder of Parquet that a recipe of this folder made; COLUMN (`image` if not named) holds
URLs. At most BUDGET requests are sent, CNY 0.004 each; run it again to go on, for what is known costs
nothing. OUT gets a line of JSON for each image: its row, its report, and the video call's part of it.
The key is DASHSCOPE_API_KEY. With STANDIN=1 nothing is sent: a rehearsal with made-up verdicts.
"""

import asyncio
import json
import os
import sys

import preflight_emo
import pyarrow.dataset as ds


async def ask(source, target, budget, column):
    passed = ds.dataset(source).to_batches(filter=ds.field("outcome") == "pass", batch_size=100)
    async with preflight_emo.Gate(budget=budget, standin="STANDIN" in os.environ) as gate:
        with open(target, "w") as lines:
            for batch in passed:
                rows = batch.to_pylist()
                reports = await asyncio.gather(*(gate.admit(row[column]) for row in rows))
                for row, report in zip(rows, reports):
                    json.dump({"row": row, "report": report.to_dict()}, lines, default=repr)
                    lines.write("\n")
                if gate.account()["left"] == 0:
                    break
        print(gate.account())


if __name__ == "__main__":
    source, target, budget, column = (*sys.argv[1:], "image")[:4]
    asyncio.run(ask(source, target, int(budget), column))
