"""Runs the queries of vgae-scale on Apache Spark.

Reads one JSON request per line from the standard input and answers each with one JSON line on the standard output:

    {"do": "register", "name": ..., "paths": [...], "columns": [[stored, name], ...]}
    {"do": "write", "sql": ..., "folder": ...}
    {"do": "query", "sql": ...}

An answer is {"ok": ...} or {"error": ...}. The process ends with its standard input.

    python driver.py MASTER [KEY=VALUE...]
"""

import decimal
import json
import math
import os
import sys

# Java writes to the standard output too; the answers keep the original one.
answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)


def answer(**content):
    answers.write(json.dumps(content) + "\n")
    answers.flush()


def start(master, settings):
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("vgae-scale").master(master)
    defaults = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.ansi.enabled": "true",
        "spark.sql.parquet.compression.codec": "zstd",
    }
    for key, value in {**defaults, **settings}.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def fact(value):
    if isinstance(value, decimal.Decimal):
        value = int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def run(session, request):
    from pyspark.sql import functions

    if request["do"] == "register":
        quoted = [("`" + stored.replace("`", "``") + "`", name) for stored, name in request["columns"]]
        frame = session.read.parquet(*("file://" + path for path in request["paths"]))
        frame.select(*(functions.col(stored).alias(name) for stored, name in quoted)).createOrReplaceTempView(
            request["name"]
        )
        return None
    if request["do"] == "write":
        session.sql(request["sql"]).write.parquet("file://" + request["folder"])
        return None
    rows = session.sql(request["sql"]).collect()
    if len(rows) != 1:
        raise ValueError(f"expected one row, found {len(rows)}")
    return {name: fact(value) for name, value in rows[0].asDict().items()}


def main():
    master, *settings = sys.argv[1:]
    try:
        session = start(master, dict(setting.split("=", 1) for setting in settings))
        answer(ok={"version": session.version})
    except Exception as error:  # The caller reports every failure to start.
        answer(error=f"{type(error).__name__}: {error}")
        return
    for line in sys.stdin:
        try:
            answer(ok=run(session, json.loads(line)))
        except Exception as error:  # The caller reports the failed query.
            answer(error=f"{type(error).__name__}: {error}")
    session.stop()


main()
