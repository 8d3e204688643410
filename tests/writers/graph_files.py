"""Graph files as NetworkX, igraph, SciPy and NumPy write them."""

import json

import igraph
import networkx as nx
import numpy as np
import scipy.io
import scipy.sparse

from graphs import Truth


def networkx_graph(rng, graph, attributes=True):
    made = nx.Graph()
    nodes = graph.ids if rng.random() < 0.5 else graph.texts()
    made.add_nodes_from(nodes)
    for at, (a, b) in enumerate(graph.edges):
        made.add_edge(nodes[a], nodes[b], **({} if graph.weights is None else {"weight": graph.weights[at]}))
    if attributes and graph.labels is not None:
        for node, label in zip(nodes, graph.labels):
            if label is not None:
                made.nodes[node]["community"] = label
    if attributes:
        for name, values in graph.features.items():
            # GML has keys of letters and digits alone.
            if name.isascii() and name.isalnum():
                for node, value in zip(nodes, values):
                    made.nodes[node][name] = value
    return made


def networkx_lists(rng, graph, path):
    """Lists of edges and of neighbours; these have no quotes, so ids have no separators."""
    truth = Truth(graph, [graph.texts()], weights="either")
    made = networkx_graph(rng, graph, attributes=False)
    delimiter = rng.choice([" ", " ", "\t", ","])
    packing = rng.choice(["", "", "", ".gz", ".bz2"])
    kind = rng.choice(["edgelist", "edgelist", "weighted", "data", "adjlist", "multiline"])
    if kind == "edgelist":
        path = path.with_suffix(rng.choice([".txt", ".edgelist", ".edges"]) + packing)
        nx.write_edgelist(made, path, delimiter=delimiter, data=False)
    elif kind == "weighted":
        path = path.with_suffix(rng.choice([".txt", ".edgelist"]) + packing)
        nx.write_weighted_edgelist(made, path, delimiter=delimiter)
    elif kind == "data":
        path = path.with_suffix(".edgelist" + packing)
        nx.write_edgelist(made, path, delimiter=delimiter, data=True)
    elif kind == "adjlist":
        path = path.with_suffix(".adjlist" + packing)
        nx.write_adjlist(made, path)
        delimiter = " "
        truth.weights = "none"
    else:
        path = path.with_suffix(".adjlist" + packing)
        nx.write_multiline_adjlist(made, path)
    usable = all(not set(one) & {delimiter, " ", "#"} for one in graph.texts())
    return path, truth if usable else None


def networkx_files(rng, graph, path):
    truth = Truth(graph, [graph.texts()])
    made = networkx_graph(rng, graph)
    kind = rng.choice(["graphml", "gexf", "gml", "pajek", "json"])
    if kind == "graphml":
        path = path.with_suffix(rng.choice([".graphml", ".graphml.gz"]))
        nx.write_graphml(made, path)
    elif kind == "gexf":
        path = path.with_suffix(".gexf")
        nx.write_gexf(made, path, version=rng.choice(["1.1draft", "1.2draft"]))
    elif kind == "gml":
        path = path.with_suffix(".gml")
        nx.write_gml(made, path)
    elif kind == "pajek":
        path = path.with_suffix(".net")
        nx.write_pajek(networkx_graph(rng, graph, attributes=False), path)
    else:
        path = path.with_suffix(".json")
        key = rng.choice(["edges", "links"])
        path.write_text(json.dumps(nx.node_link_data(made, edges=key), indent=rng.choice([None, 2])))
    return path, truth


def igraph_files(rng, graph, path):
    made = igraph.Graph(n=len(graph.ids), edges=graph.edges)
    if graph.weights is not None:
        made.es["weight"] = graph.weights
    has_names = rng.random() < 0.5
    if has_names:
        made.vs["name"] = graph.texts()
    places = [str(at) for at in range(len(graph.ids))]
    from_one = [str(at + 1) for at in range(len(graph.ids))]
    truth = Truth(graph, [places, from_one, [f"n{at}" for at in places]] + [graph.texts()] * has_names, weights="either")
    kind = rng.choice(["edgelist", "ncol", "lgl", "pajek", "gml", "graphml", "graphmlz", "dimacs", "leda"])
    suffix = {"edgelist": ".txt", "ncol": rng.choice([".ncol", ".txt"]), "lgl": ".lgl", "pajek": ".net", "gml": ".gml", "graphml": ".graphml",
              "graphmlz": ".graphml.gz", "dimacs": ".dimacs", "leda": ".lgr"}[kind]
    path = path.with_suffix(suffix)
    usable = True
    if kind == "dimacs":
        made.write_dimacs(str(path), 0, len(graph.ids) - 1, capacity=[1] * len(graph.edges))
    elif kind in ("ncol", "lgl"):
        weights = "weight" if graph.weights is not None else None
        names = "name" if has_names else None
        getattr(made, f"write_{kind}")(str(path), names=names, weights=weights)
        usable = not has_names or all(not set(one) & set(" #") for one in graph.texts())
    else:
        getattr(made, f"write_{kind}")(str(path))
    return path, truth if usable else None


def arrays(rng, graph, path):
    count = len(graph.ids)
    places = [str(at) for at in range(count)]
    from_one = [str(at + 1) for at in range(count)]
    pairs = np.array(graph.edges)
    truth = Truth(graph, [places])
    kind = rng.choice(["mtx", "mtx", "npz", "npy", "matrix", "savez"])
    weights = np.ones(len(pairs)) if graph.weights is None else np.array(graph.weights)
    both = scipy.sparse.coo_array((np.r_[weights, weights], (np.r_[pairs[:, 0], pairs[:, 1]], np.r_[pairs[:, 1], pairs[:, 0]])), shape=(count, count))
    if kind == "mtx":
        truth.ids = [from_one]
        path = path.with_suffix(rng.choice([".mtx", ".mtx.gz"]))
        field = "pattern" if graph.weights is None and rng.random() < 0.5 else None
        packed = path.name.endswith(".gz")
        scipy.io.mmwrite(str(path.with_suffix("") if packed else path), both, field=field, symmetry=rng.choice(["general", "symmetric"]),
                         comment=rng.choice(["", "made by hand"]))
        if packed:
            import gzip
            import shutil
            with open(path.with_suffix(""), "rb") as source, gzip.open(path, "wb") as target:
                shutil.copyfileobj(source, target)
    elif kind == "npz":
        path = path.with_suffix(".npz")
        scipy.sparse.save_npz(path, both.asformat(rng.choice(["csr", "csc", "coo"])), compressed=rng.random() < 0.5)
    elif kind == "npy":
        truth.weights = "none"
        path = path.with_suffix(".npy")
        made = pairs.astype(rng.choice([np.int32, np.int64]))
        np.save(path, made.T if rng.random() < 0.5 else made)
    elif kind == "savez":
        truth.weights = "none"
        path = path.with_suffix(".npz")
        np.savez(path, edge_index=pairs.T)
    else:
        if rng.random() < 0.5:
            path = path.with_suffix(".npy")
            np.save(path, both.toarray())
        else:
            path = path.with_suffix(".csv")
            np.savetxt(path, both.toarray(), fmt="%g", delimiter=",")
    return path, truth


WRITERS = [networkx_lists, networkx_files, networkx_files, igraph_files, arrays]


def write(rng, graph, folder):
    """Writes a graph file; returns a name, the options of `vgae ingest`, and the truth, if the file tells it."""
    writer = rng.choice(WRITERS)
    path, truth = writer(rng, graph, folder / "graph")
    if truth is not None and writer is networkx_files:
        truth.has_nodes = path.suffix != ".net"
        truth.graph.features = {name: values for name, values in graph.features.items() if name.isascii() and name.isalnum()}
    return f"{writer.__name__}, {''.join(path.suffixes)}", ["--edges", path], truth
