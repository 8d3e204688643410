"""One small graph in every form that NetworkX, SciPy, DuckDB, Polars and pyarrow write, for the readers in
crates/ingest/src/graph_files and crates/ingest/src/files. python make_graphs.py"""

import decimal
import json
import os
import pathlib
import uuid

import duckdb
import networkx as nx
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import scipy.io
import scipy.sparse as sp

folder = pathlib.Path(__file__).parent / "graphs"
folder.mkdir(exist_ok=True)
os.chdir(folder)

# A triangle with a tail, and a node at no edge; edges weigh 0.5, 1.5, ...
ends = [(0, 1), (0, 2), (1, 2), (2, 3)]
graph = nx.Graph()
for node in range(5):
    graph.add_node(node, label="ab"[node % 2], size=node / 2, name=f"n \"{node}\" & <co>")
graph.add_weighted_edges_from((a, b, at + 0.5) for at, (a, b) in enumerate(ends))

nx.write_graphml_xml(graph, "nx.graphml")
nx.write_gexf(graph, "nx.gexf")
plain = nx.relabel_nodes(graph, str)
for _, data in plain.nodes(data=True):
    data.clear()
nx.write_gml(plain, "nx.gml")
nx.write_pajek(plain, "nx.net")
pathlib.Path("nx.json").write_text(json.dumps(nx.node_link_data(graph, edges="edges")))
pathlib.Path("links.json").write_text(json.dumps(nx.node_link_data(graph, edges="links")))
nx.write_adjlist(graph, "nx.adjlist")

matrix = nx.to_scipy_sparse_array(graph, weight="weight")
scipy.io.mmwrite("symmetric.mtx", sp.coo_matrix(matrix), symmetry="symmetric")
scipy.io.mmwrite("general.mtx", sp.coo_matrix(matrix), symmetry="general")
sp.save_npz("csr.npz", sp.csr_matrix(matrix))
sp.save_npz("csc.npz", sp.csc_matrix(matrix), compressed=False)
sp.save_npz("coo.npz", sp.coo_matrix(matrix))
np.save("dense.npy", matrix.toarray())
np.save("edge_index.npy", np.array(ends).T)
np.save("pairs.npy", np.array(ends, dtype="<i4"))
np.savez("edge_index.npz", edge_index=np.array(ends).T, x=np.zeros((5, 2)))

# Ids of every type in Parquet.
source, target = (np.array([edge[end] for edge in ends]) for end in (0, 1))


def write(name, column):
    pq.write_table(pa.table({"source": column(source), "target": column(target)}), name)


write("decimal.parquet", lambda ids: pa.array([decimal.Decimal(int(i)) for i in ids], pa.decimal128(38, 0)))
write("binary.parquet", lambda ids: pa.array([str(i).encode() for i in ids], pa.binary()))
write("uint64.parquet", lambda ids: pa.array([int(i) + 2**63 for i in ids], pa.uint64()))
write("uuid.parquet", lambda ids: pa.array([uuid.UUID(int=int(i)).bytes for i in ids], pa.binary(16)))
write("dictionary.parquet", lambda ids: pa.array([int(i) for i in ids]).dictionary_encode())
kinds = pl.Enum([str(node) for node in range(5)])
frame = pl.DataFrame({"source": source.astype(str), "target": target.astype(str)})
frame.cast(kinds).write_parquet("enum.parquet")
frame.cast(pl.Categorical).write_parquet("categorical.parquet")
rows = ", ".join(f"({a}, {b})" for a, b in ends)
for kind in ["HUGEINT", "UUID", "UBIGINT"]:
    made = "('00000000-0000-0000-0000-00000000000' || {0})::UUID" if kind == "UUID" else "{0}::" + kind
    duckdb.sql(
        f"COPY (SELECT {made.format('a')} AS source, {made.format('b')} AS target FROM (VALUES {rows}) t(a, b)) "
        f"TO 'duckdb-{kind.lower()}.parquet' (FORMAT parquet)"
    )
