"""Reads embeddings with tools that people use, and checks types, ids, labels, every value, and one query in each tool.

    python check.py FOLDER...

Each folder holds a run with every format of `embeddings`; its name ends in the layout: `-fixed`, `-list`, `-columns`.
"""

import sys
import tempfile
from pathlib import Path

import duckdb
import lancedb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from pyspark.sql import SparkSession

from truth import Truth


def same(what: str, found, expected) -> None:
    assert found == expected, f"{what}: expected {expected}, found {found}"


def check_rows(what: str, truth: Truth, ids, labels, vectors: dict) -> None:
    """Columns of one file against the truth, to the last bit."""
    same(f"{what}: ids", list(ids), truth.ids)
    missing = [None if label is None or label != label or label == "" else label for label in labels]
    same(f"{what}: labels", missing, truth.labels)
    same(f"{what}: vectors", sorted(vectors), sorted(truth.vectors))
    for name, expected in truth.vectors.items():
        matrix = np.asarray(vectors[name], dtype=np.float32)
        assert matrix.shape == expected.shape, f"{what}: {name} is {matrix.shape}, not {expected.shape}"
        assert matrix.tobytes() == expected.tobytes(), f"{what}: {name} holds other values"


def gather(names: list, column, truth: Truth) -> dict:
    """The matrices of a table with a column a dimension; `column` gives one by its name."""
    matrices = {}
    for vector in truth.vectors:
        own = [f"{vector}_{at}" for at in range(truth.width)]
        assert set(own) <= set(names), f"expected the columns {own}, found {names}"
        matrices[vector] = np.stack([np.asarray(column(name)) for name in own], axis=1)
    return matrices


def with_duckdb(run: Path, layout: str, truth: Truth, of) -> None:
    file = run / "embeddings.parquet"
    types = dict(duckdb.sql(f"SELECT column_name, column_type FROM (DESCRIBE FROM '{file}')").fetchall())
    same("DuckDB: node", types["node"], "UINTEGER")
    same("DuckDB: id", types["id"], "BIGINT" if truth.whole else "VARCHAR")
    columns = duckdb.sql(f"FROM '{file}' ORDER BY node").fetchnumpy()
    if layout == "columns":
        vectors = gather(list(types), lambda name: columns[name], truth)
        own = ", ".join(f"embedding_{at}" for at in range(truth.width))
        vector = f"[{own}]"
    else:
        assert types["embedding"] in ("FLOAT[]", f"FLOAT[{truth.width}]"), types
        vectors = {name: np.stack(list(columns[name])) for name in truth.vectors}
        vector = "embedding"
    labels = duckdb.sql(f"SELECT label FROM '{file}' ORDER BY node").fetchall()
    check_rows("DuckDB", truth, columns["id"].tolist(), [row[0] for row in labels], vectors)
    nearest = duckdb.execute(
        f"""WITH nodes AS (SELECT id, {vector}::FLOAT[{truth.width}] AS v FROM '{file}')
            SELECT n.id FROM nodes n, nodes me WHERE me.id = $1 AND n.id <> $1
            ORDER BY array_negative_inner_product(n.v, me.v) LIMIT 5""",
        [of],
    ).fetchall()
    same("DuckDB: nearest", [row[0] for row in nearest], truth.nearest(of))
    text = duckdb.sql(f"SELECT * FROM read_csv('{run / 'embeddings.csv'}', all_varchar = true)").fetchnumpy()
    vectors = gather(list(text), lambda name: text[name].astype(np.float32), truth)
    check_rows("DuckDB, CSV", truth, map(type(of), text["id"]), np.ma.filled(text["label"], ""), vectors)


def with_pandas(run: Path, layout: str, truth: Truth, of) -> None:
    tables = {
        "Parquet": pd.read_parquet(run / "embeddings.parquet"),
        "Arrow": pd.read_feather(run / "embeddings.arrow"),
        "CSV": pd.read_csv(run / "embeddings.csv", dtype=None if truth.whole else {"id": str}),
    }
    for form, nodes in tables.items():
        kind = nodes["id"].dtype
        assert (kind == np.int64) if truth.whole else pd.api.types.is_string_dtype(kind), kind
        if layout == "columns" or form == "CSV":
            vectors = gather(list(nodes), lambda name: nodes[name].astype(np.float32), truth)
        else:
            vectors = {name: np.stack(nodes[name]) for name in truth.vectors}
        check_rows(f"pandas, {form}", truth, nodes["id"].tolist(), nodes["label"], vectors)
        logits = pd.Series(vectors["embedding"] @ vectors["embedding"][truth.ids.index(of)], nodes["id"])
        same("pandas: nearest", logits.drop(of).nlargest(5).index.tolist(), truth.nearest(of))
    bare = np.load(run / "embeddings.npy", mmap_mode="r")
    same("npy", (bare.dtype.str, bare.flags.c_contiguous), ("<f4", True))
    assert bare.tobytes() == truth.vectors["embedding"].tobytes(), "embeddings.npy holds other values"
    if "log_sigma" in truth.vectors:
        assert np.load(run / "log_sigma.npy").tobytes() == truth.vectors["log_sigma"].tobytes()


def with_polars(run: Path, layout: str, truth: Truth, of) -> None:
    kind = {
        "fixed": pl.Array(pl.Float32, truth.width),
        "list": pl.List(pl.Float32),
    }.get(layout)
    text = {} if truth.whole else {"id": pl.String}
    tables = {
        "Parquet": pl.read_parquet(run / "embeddings.parquet"),
        "Arrow": pl.read_ipc(run / "embeddings.arrow"),
        "CSV": pl.read_csv(run / "embeddings.csv", schema_overrides=text),
    }
    for form, nodes in tables.items():
        same(f"Polars, {form}: id", nodes.schema["id"], pl.Int64 if truth.whole else pl.String)
        if layout == "columns" or form == "CSV":
            vectors = gather(nodes.columns, lambda name: nodes[name].cast(pl.Float32).to_numpy(), truth)
        else:
            same(f"Polars, {form}: embedding", nodes.schema["embedding"], kind)
            vectors = {name: np.stack(nodes[name].to_list()) for name in truth.vectors}
        check_rows(f"Polars, {form}", truth, nodes["id"], nodes["label"].cast(pl.String), vectors)
        logits = pl.Series(vectors["embedding"] @ vectors["embedding"][nodes["id"].index_of(of)])
        ranked = nodes.select("id", logit=logits).filter(pl.col("id") != of).sort("logit", descending=True)
        same("Polars: nearest", ranked["id"].head(5).to_list(), truth.nearest(of))


def with_pyarrow(run: Path, layout: str, truth: Truth, of) -> None:
    text = pyarrow.csv.ConvertOptions(column_types={} if truth.whole else {"id": pa.string()})
    tables = {
        "Parquet": pq.read_table(run / "embeddings.parquet"),
        "Arrow": pa.ipc.open_file(pa.memory_map(str(run / "embeddings.arrow"))).read_all(),
        "CSV": pyarrow.csv.read_csv(run / "embeddings.csv", convert_options=text),
    }
    lists = {"fixed": pa.types.is_fixed_size_list, "list": pa.types.is_list}
    for form, nodes in tables.items():
        same(f"pyarrow, {form}: id", nodes.schema.field("id").type, pa.int64() if truth.whole else pa.string())
        if layout == "columns" or form == "CSV":
            vectors = gather(nodes.column_names, lambda name: nodes[name].cast(pa.float32()).to_numpy(), truth)
        else:
            assert lists[layout](nodes.schema.field("embedding").type), nodes.schema
            flat = {name: nodes[name].combine_chunks().flatten().to_numpy() for name in truth.vectors}
            vectors = {name: values.reshape(len(nodes), -1) for name, values in flat.items()}
        labels = nodes["label"].cast(pa.string()).to_pylist()
        check_rows(f"pyarrow, {form}", truth, nodes["id"].to_pylist(), labels, vectors)
        logits = vectors["embedding"] @ vectors["embedding"][truth.ids.index(of)]
        ranked = pa.table({"id": nodes["id"], "logit": logits}).sort_by([("logit", "descending")])
        same("pyarrow: nearest", [i for i in ranked["id"].to_pylist() if i != of][:5], truth.nearest(of))
    facts = pq.read_schema(run / "embeddings.parquet").metadata
    same("pyarrow: kind", facts[b"vgae.kind"], b"embeddings")
    codec = pq.ParquetFile(run / "embeddings.parquet").metadata.row_group(0).column(3).compression
    same("pyarrow: compression", codec, "ZSTD")


def with_lancedb(run: Path, layout: str, truth: Truth, of) -> None:
    if layout != "fixed":
        return  # the layout that is for vector databases
    with tempfile.TemporaryDirectory() as folder:
        nodes = pq.read_table(run / "embeddings.parquet")
        table = lancedb.connect(folder).create_table("nodes", nodes)
        same("LanceDB: embedding", table.schema.field("embedding").type.list_size, truth.width)
        stored = table.to_arrow().sort_by("node")
        vectors = {name: np.stack(stored[name].to_pylist()) for name in truth.vectors}
        check_rows("LanceDB", truth, stored["id"].to_pylist(), stored["label"].to_pylist(), vectors)
        literal = of if truth.whole else f"'{of}'"
        me = truth.vectors["embedding"][truth.ids.index(of)]
        found = table.search(me, vector_column_name="embedding").distance_type("dot").where(f"id <> {literal}")
        same("LanceDB: nearest", found.limit(5).to_arrow()["id"].to_pylist(), truth.nearest(of))


def with_spark(run: Path, layout: str, truth: Truth, of) -> None:
    spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    nodes = spark.read.parquet(str(run / "embeddings.parquet"))
    types = dict(nodes.dtypes)
    same("Spark: node and id", (types["node"], types["id"]), ("bigint", "bigint" if truth.whole else "string"))
    if layout == "columns":
        own = ", ".join(f"embedding_{at}" for at in range(truth.width))
        nodes = nodes.selectExpr("*", f"array({own}) AS embedding")
    same("Spark: embedding", dict(nodes.dtypes)["embedding"], "array<float>")
    rows = nodes.orderBy("node").collect()
    if layout == "columns":
        vectors = gather(nodes.columns, lambda name: [row[name] for row in rows], truth)
    else:
        vectors = {name: np.stack([row[name] for row in rows]) for name in truth.vectors}
    check_rows("Spark", truth, [row.id for row in rows], [row.label for row in rows], vectors)
    nodes.createOrReplaceTempView("nodes")
    logit = "aggregate(zip_with(n.embedding, me.embedding, (x, y) -> double(x) * y), 0D, (sum, x) -> sum + x)"
    query = f"SELECT n.id FROM nodes n, nodes me WHERE me.id = :of AND n.id <> :of ORDER BY {logit} DESC LIMIT 5"
    same("Spark: nearest", [row.id for row in spark.sql(query, {"of": of}).collect()], truth.nearest(of))


for name in sys.argv[1:]:
    run = Path(name)
    layout = run.name.rsplit("-", 1)[1]
    truth = Truth(run)
    of = truth.clearest()
    for check in [with_duckdb, with_pandas, with_polars, with_pyarrow, with_spark, with_lancedb]:
        check(run, layout, truth, of)
    kind = "whole numbers" if truth.whole else "text"
    print(f"{run.name}: {len(truth.ids)} ids ({kind}), {sorted(truth.vectors)}: DuckDB, pandas, Polars, pyarrow,",
          "Spark, LanceDB" if layout == "fixed" else "Spark")
