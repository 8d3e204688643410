"""Tables of edges and nodes as pandas, Polars, DuckDB, pyarrow, NumPy and Python's csv write them."""

import csv

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet as pq

from graphs import Truth

ENDS = [("source", "target"), ("src", "dst"), ("from", "to"), ("u", "v"), ("node1", "node2"), ("Source", "Target"),
        ("from_node_id", "to_node_id"), (":START_ID", ":END_ID"), ("left one", "right one")]
IDS = ["id", "node", "Id", "node_id", "nodeId:ID", "name"]


def edge_columns(rng, graph, texts=False):
    ids = graph.texts() if texts else graph.ids
    src, dst = rng.choice(ENDS)
    columns = {src: [ids[a] for a, _ in graph.edges], dst: [ids[b] for _, b in graph.edges]}
    if graph.weights is not None:
        columns[rng.choice(["weight", "weight", "w", "Weight"])] = list(graph.weights)
    if rng.random() < 0.2:
        columns["timestamp"] = [1_500_000_000 + rng.randrange(10**6) for _ in graph.edges]
    if rng.random() < 0.2:
        columns["note"] = [rng.choice(["", "ok", 'say "no"', "a, b", "two\nlines", "it's"]) for _ in graph.edges]
    return shuffled(rng, columns)


def node_columns(rng, graph):
    columns = {rng.choice(IDS): list(graph.ids)}
    if graph.labels is not None:
        columns[rng.choice(["label", "class", "community"])] = list(graph.labels)
    columns |= {name: list(values) for name, values in graph.features.items()}
    if rng.random() < 0.2:
        columns["train_mask"] = [rng.random() < 0.5 for _ in graph.ids]
    if rng.random() < 0.2:
        columns["about"] = [rng.choice(["ok", "so so", "a; b", 'the "best"']) for _ in graph.ids]
    return shuffled(rng, columns)


def shuffled(rng, columns):
    if rng.random() < 0.7:
        return columns
    names = list(columns)
    rng.shuffle(names)
    return {name: columns[name] for name in names}


def pandas_text(rng, columns, path):
    frame = pd.DataFrame(columns)
    if rng.random() < 0.1:
        numbers = [name for name in columns if frame[name].dtype.kind == "i" and frame[name].max() < 2**53]
        frame = frame.astype({name: float for name in numbers})
    if rng.random() < 0.2:
        frame = frame.sample(frac=1, random_state=rng.randrange(100))
    packing = rng.choice(["", "", "", "", ".gz", ".bz2", ".xz", ".zip"])
    options = {
        "sep": rng.choice([",", ",", ",", ";", "\t", "|"]),
        "index": rng.random() < 0.3,
        "header": rng.random() < 0.85,
        "quoting": rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
        "lineterminator": rng.choice(["\n", "\n", "\r\n"]),
        "encoding": rng.choice(["utf-8", "utf-8", "utf-8-sig", "utf-16"]),
        "na_rep": rng.choice(["", "", "NA", "NaN", "NULL"]),
    }
    # A backslash without quotes may be written with escapes or without.
    if rng.random() < 0.2 and not any("\\" in str(value) for values in columns.values() for value in values):
        options |= {"doublequote": False, "escapechar": "\\"}
    if options["index"] and rng.random() < 0.3:
        options["index_label"] = rng.choice(["index", "row_id"])
    path = path.with_suffix((".tsv" if options["sep"] == "\t" and rng.random() < 0.5 else ".csv") + packing)
    frame.to_csv(path, **options)
    return path, options["header"]


def pandas_columns(rng, columns, path):
    frame = pd.DataFrame(columns)
    if rng.random() < 0.3:
        frame = frame.sample(frac=1, random_state=rng.randrange(100))
    if rng.random() < 0.3:
        frame = frame.astype({name: "category" for name in columns if frame[name].dtype == object})
    if rng.random() < 0.7:
        path = path.with_suffix(".parquet")
        frame.to_parquet(path, index=rng.choice([None, True, False]), compression=rng.choice(["snappy", "gzip", "zstd", None]))
    else:
        path = path.with_suffix(".feather")
        frame.reset_index(drop=True).to_feather(path, compression=rng.choice(["lz4", "zstd", "uncompressed"]))
    return path, True


def polars_text(rng, columns, path):
    separator = rng.choice([",", ",", ";", "\t", "|", " "])
    path = path.with_suffix(rng.choice([".csv", ".csv", ".txt", ".tsv"] if separator in " \t" else [".csv"]))
    header = rng.random() < 0.85
    quote = rng.choice(['"', '"', '"', "'"])
    # A few values in single quotes are no sign of them.
    styles = ["always", "non_numeric"] if quote == "'" else ["necessary", "necessary", "always", "non_numeric"]
    pl.DataFrame(columns, strict=False).write_csv(
        path, separator=separator, include_header=header, include_bom=rng.random() < 0.2, quote_style=rng.choice(styles),
        line_terminator=rng.choice(["\n", "\n", "\r\n"]), null_value=rng.choice(["", "", "NA", "null"]), quote_char=quote)
    return path, header


def polars_columns(rng, columns, path):
    frame = pl.DataFrame(columns, strict=False)
    kind = rng.choice([None, None, pl.Categorical, pl.UInt64, pl.Int32, pl.Decimal(20, 0), pl.Int128])
    for name, dtype in frame.schema.items():
        if kind == pl.Categorical and dtype == pl.String or kind not in (None, pl.Categorical) and dtype == pl.Int64:
            frame = frame.with_columns(pl.col(name).cast(kind))
    form = rng.choice(["parquet", "parquet", "ipc", "stream"])
    if form == "parquet":
        path = path.with_suffix(".parquet")
        frame.write_parquet(path, compression=rng.choice(["zstd", "snappy", "uncompressed"]), row_group_size=rng.choice([None, 3]))
    else:
        path = path.with_suffix(".arrow")
        compression = rng.choice(["uncompressed", "zstd", "lz4"])
        (frame.write_ipc if form == "ipc" else frame.write_ipc_stream)(path, compression=compression)
    return path, True


def duckdb_file(rng, columns, path):
    frame = pd.DataFrame(columns)  # noqa: F841, read by name
    kind = rng.choice([None, None, "HUGEINT", "UBIGINT", "DECIMAL(18,0)", "DOUBLE"])
    casts = [f'"{name}"::{kind} AS "{name}"' if kind and frame[name].dtype.kind == "i" and frame[name].max() < 2**53 else f'"{name}"'
             for name in columns]
    with duckdb.connect() as database:
        query = f"SELECT {', '.join(casts)} FROM frame"
        if rng.random() < 0.5:
            path = path.with_suffix(".parquet")
            folder = ", PER_THREAD_OUTPUT true" if rng.random() < 0.2 else ""
            compression = rng.choice(["snappy", "zstd", "gzip", "uncompressed"])
            database.sql(f"COPY ({query}) TO '{path}' (FORMAT parquet, COMPRESSION {compression}{folder})")
            return path, True
        packing = rng.choice(["", "", "", ".gz", ".zst"])
        path = path.with_suffix(".csv" + packing)
        header = rng.random() < 0.85
        delimiter = rng.choice([",", ",", "|", ";", "::"])
        force = ", FORCE_QUOTE *" if rng.random() < 0.3 else ""
        escape = ", ESCAPE '\\'" if rng.random() < 0.2 else ""
        null = rng.choice(["", "NULL", "\\N"])
        database.sql(f"COPY ({query}) TO '{path}' (FORMAT csv, HEADER {header}, DELIMITER '{delimiter}', NULLSTR '{null}'{force}{escape})")
        return path, header


def pyarrow_file(rng, columns, path):
    table = pa.table(columns)
    kind = rng.choice(["csv", "parquet", "arrow"])
    if kind == "csv":
        path = path.with_suffix(".csv")
        header = rng.random() < 0.85
        options = pa.csv.WriteOptions(include_header=header, delimiter=rng.choice([",", ";", "\t"]),
                                      quoting_style=rng.choice(["needed", "all_valid"]))
        pa.csv.write_csv(table, path, options)
        return path, header
    text = rng.choice([pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int16(), pa.string())])
    for at, one in enumerate(table.schema):
        if one.type == pa.string():
            table = table.set_column(at, one.name, table[one.name].cast(text))
    if kind == "parquet":
        path = path.with_suffix(".parquet")
        pq.write_table(table, path, row_group_size=rng.choice([None, 2]), use_dictionary=rng.random() < 0.5,
                       data_page_version=rng.choice(["1.0", "2.0"]))
    else:
        path = path.with_suffix(".feather")
        pa.feather.write_feather(table, path)
    return path, True


def csv_module(rng, columns, path):
    packed = {"excel": csv.excel, "tab": csv.excel_tab, "unix": csv.unix_dialect}
    dialect = rng.choice(list(packed))
    path = path.with_suffix(".tsv" if dialect == "tab" and rng.random() < 0.5 else ".csv")
    header = rng.random() < 0.85
    with open(path, "w", newline="", encoding=rng.choice(["utf-8", "utf-8-sig", "utf-16"])) as file:
        writer = csv.writer(file, dialect=packed[dialect], delimiter="\t" if dialect == "tab" else rng.choice(",;"))
        if header:
            writer.writerow(columns)
        writer.writerows(zip(*columns.values()))
    return path, header


def numpy_text(rng, graph, path):
    """`numpy.savetxt` of integer ids, with weights where there are some."""
    columns = [[graph.ids[a] for a, _ in graph.edges], [graph.ids[b] for _, b in graph.edges]]
    if graph.weights is not None:
        columns.append(graph.weights)
    delimiter = rng.choice([" ", ",", "\t", ", "])
    header = rng.choice(["", "source target", "a comment"])
    path = path.with_suffix(rng.choice([".txt", ".edges", ".csv"]))
    form = rng.choice(["%d", "%.1f"]) if graph.weights is None else ["%d", "%d", "%.2f"]
    np.savetxt(path, np.array(columns, dtype=np.float64).T, fmt=form, delimiter=delimiter, header=header)
    return path


WRITERS = [pandas_text, pandas_text, pandas_columns, polars_text, polars_columns, duckdb_file, pyarrow_file, csv_module]


def write(rng, graph, folder):
    """Writes a table of edges and perhaps one of nodes; returns a name, the options of `vgae ingest`, and the truth."""
    truth = Truth(graph, [graph.texts()])
    if graph.whole and rng.random() < 0.1:
        path = numpy_text(rng, graph, folder / "edges")
        truth.weights = "either"
        return "numpy.savetxt", ["--edges", path], truth
    writer = rng.choice(WRITERS)
    path, has_header = writer(rng, edge_columns(rng, graph), folder / "edges")
    if not has_header:
        truth.weights = "either"
    arguments = ["--edges", path]
    if rng.random() < 0.5 and (graph.labels is not None or graph.features):
        path, has_header = writer(rng, node_columns(rng, graph), folder / "nodes")
        # Without names no column is known as the labels.
        if has_header:
            truth.has_nodes = True
            arguments += ["--nodes", path]
    return writer.__name__, arguments, truth
