"""Graphs from what other libraries have."""

import pickle

import numpy as np
import pytest
from types import SimpleNamespace

import vgae

PAIRS = [(7, 3), (3, 5), (5, 7), (5, 9), (3, 7), (9, 9)]


def rows(graph):
    """Edges as sets of ids."""
    table = graph.edges
    return {frozenset(pair) for pair in zip(table["source"].tolist(), table["target"].tolist())}


EXPECTED = {frozenset(pair) for pair in [(7, 3), (3, 5), (5, 7), (5, 9)]}


@pytest.mark.parametrize("dtype", ["int64", "int32", "uint16", "uint64"])
def test_numpy_arrays_keep_the_type_of_ids(dtype):
    graph = vgae.Graph.from_edges(np.array(PAIRS, dtype=dtype))
    assert graph.ids.dtype == dtype
    assert graph.ids.tolist() == [7, 3, 5, 9], "by first appearance, as the command line"
    assert rows(graph) == EXPECTED
    assert graph.audit["self_loops_dropped"] == 1 and graph.audit["duplicates_collapsed"] == 1
    assert graph.edge_index.shape == (2, 4)


def test_lists_and_strings():
    assert vgae.Graph.from_edges(PAIRS).ids.tolist() == [7, 3, 5, 9]
    named = [(f"node {a}", f"node {b}") for a, b in PAIRS]
    for given in (named, np.array(named), np.array(named, dtype=object)):
        graph = vgae.Graph.from_edges(given)
        assert graph.ids.tolist() == ["node 7", "node 3", "node 5", "node 9"]
    numbers_as_text = vgae.Graph.from_edges([("1", "2"), ("2", "3")])
    assert numbers_as_text.ids.tolist() == ["1", "2", "3"]
    blanks = vgae.Graph.from_edges([(" a", "a"), ("a", "b ")])
    assert blanks.ids.tolist() == [" a", "a", "b "]


def test_nodes_decide_the_order_and_may_be_isolated():
    graph = vgae.Graph.from_edges(PAIRS, nodes=[9, 7, 5, 3, 1])
    assert graph.ids.tolist() == [9, 7, 5, 3, 1] and graph.audit["isolated_nodes"] == 1
    assert graph.rows_of([1, 9]).tolist() == [4, 0]


def test_features_without_nodes_are_those_of_0_1_2():
    features = np.eye(10, dtype=np.float64)
    graph = vgae.Graph.from_edges(PAIRS, features=features, labels=list("abcdefghi") + [None])
    assert graph.ids.tolist() == list(range(10))
    assert graph.num_features == 10 and graph.labels[7] == "h" and graph.labels[9] is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (dict(edges=np.zeros((3, 3), int)), r"shape \(n, 2\), found shape \(3, 3\)"),
        (dict(edges=np.zeros((3, 2))), "all integers or all strings, found float64"),
        (dict(edges=[(1, "a")]), "node ids of one type, found sources that are integers, targets that are strings"),
        (dict(edges=[(1, 2), ("a", 3)]), "found 1 of type int"),
        (dict(edges=[(1, 1)]), "join a node to itself"),
        (dict(edges=[(1, 2)], nodes=[1]), "ids of the given nodes, found `2` in row 0"),
        (dict(edges=[(1, 2)], nodes=[1, 2, 1]), "each id once, found `1` twice"),
        (dict(edges=[(1, 2)], features=np.full((3, 1), np.nan)), "finite"),
        (dict(edges=[(1, 2)], features=np.zeros((2, 1))), "ids of the given nodes, found `2`"),
        (dict(edges=[(1, 2)], nodes=[1, 2], features=np.zeros((3, 1))), "2 nodes, found 3"),
        (dict(edges=[(1, 2)], weight=[1.0, 2.0]), "one for each of 1 edges, found 2"),
        (dict(edges=[(1, 2)], weight=[np.inf]), "finite numbers"),
        (dict(edges=np.array([[2**63, 1]], dtype=np.uint64)), "below 2\\^63"),
        (dict(edges=[]), "no nodes"),
        (dict(edges="edges.csv"), "found 'edges.csv'; read a file first"),
        (dict(edges=[(1, 2)], source="a"), "a table with that column"),
    ],
)
def test_errors_say_what_is_wrong(arguments, message):
    with pytest.raises(vgae.Error, match=message):
        vgae.Graph.from_edges(**arguments)


def test_polars_pyarrow_and_duckdb():
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame({"a": [p[0] for p in PAIRS], "w": [1.0, 2, 3, 4, 1, 1], "b": [p[1] for p in PAIRS]})
    graph = vgae.Graph.from_edges(frame, source="a", target="b", weight="w")
    assert graph.ids.tolist() == [7, 3, 5, 9] and rows(graph) == EXPECTED
    assert sorted(graph.edges["weight"].tolist()) == [1, 2, 3, 4]
    chunks = pl.concat([frame[:2], frame[2:]], rechunk=False).select("a", "b")
    assert rows(vgae.Graph.from_edges(chunks)) == EXPECTED
    texts = frame.select(pl.col("a").cast(str), pl.col("b").cast(str))
    assert vgae.Graph.from_edges(texts).ids.tolist() == ["7", "3", "5", "9"]
    categories = texts.with_columns(pl.all().cast(pl.Categorical))
    assert vgae.Graph.from_edges(categories).ids.tolist() == ["7", "3", "5", "9"]

    pa = pytest.importorskip("pyarrow")
    for kind in (pa.int8(), pa.uint32(), pa.int64()):
        table = pa.table({"s": pa.array([p[0] for p in PAIRS], kind), "t": pa.array([p[1] for p in PAIRS], kind)})
        assert rows(vgae.Graph.from_edges(table)) == EXPECTED
    with pytest.raises(vgae.Error, match="without nulls, found 1 nulls"):
        vgae.Graph.from_edges(pa.table({"s": [1, None], "t": [2, 3]}))
    with pytest.raises(vgae.Error, match="one of the columns `s`, `t`, found `x`"):
        vgae.Graph.from_edges(table, source="x")
    with pytest.raises(vgae.Error, match="at least two columns"):
        vgae.Graph.from_edges(table.select(["s"]))
    with pytest.raises(vgae.Error, match="integers or strings"):
        vgae.Graph.from_edges(pa.table({"s": [1.5], "t": [2.0]}))

    duckdb = pytest.importorskip("duckdb")
    relation = duckdb.sql("select a, b from frame")
    assert rows(vgae.Graph.from_edges(relation)) == EXPECTED


def test_pandas(monkeypatch):
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(PAIRS, columns=["a", "b"])
    assert rows(vgae.Graph.from_edges(frame)) == EXPECTED
    named = vgae.Graph.from_edges(frame.astype(str))
    assert named.ids.tolist() == ["7", "3", "5", "9"]
    monkeypatch.setattr("vgae._graph._has_pyarrow", lambda: False)
    assert rows(vgae.Graph.from_edges(frame)) == EXPECTED
    assert vgae.Graph.from_edges(frame, source="b", target="a").ids.tolist()[0] == 3


def test_scipy():
    sparse = pytest.importorskip("scipy.sparse")
    matrix = sparse.coo_array(([1, 1, 1, 1], ([0, 1, 1, 2], [1, 0, 2, 1])), shape=(4, 4))
    for form in (matrix, matrix.tocsr(), sparse.csr_matrix(matrix)):
        graph = vgae.Graph.from_edges(form, features=sparse.eye(4, format="csc"))
        assert (graph.num_nodes, graph.num_edges, graph.num_features) == (4, 2, 4)
        assert "weight" not in graph.edges.column_names
    weighted = vgae.Graph.from_edges(matrix * 3, nodes=list("abcd"))
    assert weighted.edges["weight"].tolist() == [3, 3] and weighted.ids.tolist() == list("abcd")
    with pytest.raises(vgae.Error, match="square"):
        vgae.Graph.from_edges(sparse.coo_array((2, 3)))


def test_features_are_the_same_dense_and_sparse(edges, features):
    sparse = pytest.importorskip("scipy.sparse")
    models = [
        vgae.GNAE(latent=4, epochs=3).fit(vgae.Graph.from_edges(edges, features=given))
        for given in (features, sparse.csr_matrix(features), sparse.coo_array(features))
    ]
    for model in models[1:]:
        assert (model.embedding_ == models[0].embedding_).all()


def test_networkx():
    nx = pytest.importorskip("networkx")
    club = nx.karate_club_graph()
    graph = vgae.Graph.from_edges(club)
    assert (graph.num_nodes, graph.num_edges) == (34, 78) and graph.ids.tolist() == list(club.nodes)
    weighted = vgae.Graph.from_edges(club, weight="weight")
    assert weighted.edges["weight"].max() == 7
    several = nx.MultiDiGraph([("a", "b"), ("a", "b"), ("b", "a")])
    assert vgae.Graph.from_edges(several).num_edges == 1
    with pytest.raises(vgae.Error, match="all integers or all strings"):
        vgae.Graph.from_edges(nx.Graph([((0, 1), (1, 2))]))
    with pytest.raises(vgae.Error, match="the attribute 'cost' on every edge"):
        vgae.Graph.from_edges(club, weight="cost")


class Tensor:
    """What this package uses of a torch tensor."""

    def __init__(self, values):
        self.values = np.asarray(values)

    def detach(self):
        return self

    cpu = detach

    def numpy(self):
        return self.values

    def __len__(self):
        return len(self.values)


def test_pyg_data():
    index = Tensor([[0, 1, 1, 2], [1, 0, 2, 1]])
    data = SimpleNamespace(edge_index=index, x=Tensor(np.eye(4, 3)), y=Tensor([1, 0, 1, 0]), num_nodes=4)
    graph = vgae.Graph.from_edges(data)
    assert (graph.num_nodes, graph.num_edges, graph.num_features) == (4, 2, 3)
    assert graph.labels.tolist() == [1, 0, 1, 0]
    bare = vgae.Graph.from_edges(SimpleNamespace(edge_index=index, x=None, y=None))
    assert bare.num_nodes == 3


def test_a_data_object_of_pyg():
    torch = pytest.importorskip("torch")
    data = pytest.importorskip("torch_geometric.data")
    index = torch.tensor([[0, 1, 1, 2], [1, 0, 2, 1]])
    given = data.Data(x=torch.eye(4, 3), edge_index=index, y=torch.tensor([1, 0, 1, 0]))
    graph = vgae.Graph.from_edges(given)
    assert (graph.num_nodes, graph.num_edges, graph.num_features) == (4, 2, 3)
    assert graph.labels.tolist() == [1, 0, 1, 0]
    assert vgae.Graph.from_edges(data.Data(edge_index=index, num_nodes=5)).num_nodes == 5
    weighted = vgae.Graph.from_edges(given, weight=torch.tensor([2.0, 2.0, 3.0, 3.0]))
    assert sorted(weighted.edges["weight"].tolist()) == [2, 3]


def test_pickling_and_tables(graph, split):
    again = pickle.loads(pickle.dumps(graph))
    assert again.edges.to_pydict() == graph.edges.to_pydict()
    assert (again.ids == graph.ids).all() and again.num_features == graph.num_features
    copy = pickle.loads(pickle.dumps(split))
    assert copy.pairs.to_pydict() == split.pairs.to_pydict()
    named = pickle.loads(pickle.dumps(vgae.Graph.from_edges([("1", "2"), ("2", "x y")])))
    assert named.ids.tolist() == ["1", "2", "x y"]

    table = split.pairs
    assert len(table) == table.num_rows == 120 + 6 + 12
    assert table.column_names == ["source", "target", "part", "positive"]
    with pytest.raises(KeyError, match="one of source, target"):
        table["x"]
    pairs, truth = split.held_out("test")
    assert pairs.shape == (24, 2) and truth.sum() == 12
    for name in ("polars", "pyarrow"):
        pytest.importorskip(name)
    import polars as pl
    import pyarrow as pa

    assert pl.DataFrame(table).to_dict(as_series=False) == table.to_pydict()
    assert pa.table(table).to_pydict() == table.to_pydict()
    pd = pytest.importorskip("pandas")
    assert len(pd.DataFrame.from_arrow(table)) == len(table)
    duckdb = pytest.importorskip("duckdb")
    held = pa.table(table)
    assert duckdb.sql("select count(*) from held where part = 'test'").fetchall() == [(24,)]


def test_notebooks_show_tables(graph, split):
    assert "<table>" in graph._repr_html_() and "60" in graph._repr_html_()
    assert "test edges" in split._repr_html_()
    assert repr(graph) == "<vgae.Graph of 60 nodes, 120 edges, 10 features>"
