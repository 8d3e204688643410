"""Checks the JSON artifacts of runs, and the pipeline files, against the schemas that are committed.

    python schemas.py docs/schemas FOLDER...
"""

import json
import sys
import tomllib
from pathlib import Path

from jsonschema import Draft202012Validator

schemas = {path.stem: json.loads(path.read_text()) for path in Path(sys.argv[1]).glob("*.json")}
for schema in schemas.values():
    Draft202012Validator.check_schema(schema)
seen = set()
for run in map(Path, sys.argv[2:]):
    of_samples = (run / "samples.parquet").exists()
    for path in sorted(run.glob("*.json")):
        name = f"{path.stem}-samples" if of_samples and f"{path.stem}-samples" in schemas else path.stem
        Draft202012Validator(schemas[name]).validate(json.loads(path.read_text()))
        seen.add(name)
for path in sorted((Path(sys.argv[1]).parents[1] / "pipelines").glob("*.toml")):
    Draft202012Validator(schemas["pipeline"]).validate(tomllib.loads(path.read_text()))
    seen.add("pipeline")
assert seen == set(schemas), f"no file for {sorted(set(schemas) - seen)}"
print(f"JSON schemas: {', '.join(sorted(seen))}")
