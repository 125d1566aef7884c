"""Whether a JSON file fits a schema of HSDS: hsds_schema.py FOLDER SCHEMA FILE.

The published schemas have no $id and name one another by file: each is
registered under a base address.
"""
import json
import pathlib
import sys

import jsonschema

folder, schema_name, file_name = sys.argv[1:]
base = "https://hsds.invalid/"
store = {}
for path in pathlib.Path(folder).glob("*.json"):
    schema = json.loads(path.read_text("utf-8"))
    schema["$id"] = base + path.name
    store[base + path.name] = schema
schema = store[base + schema_name]
validator = jsonschema.Draft7Validator(
    schema,
    resolver=jsonschema.RefResolver(base, schema, store=store),
    format_checker=jsonschema.FormatChecker(),
)
errors = list(validator.iter_errors(json.loads(pathlib.Path(file_name).read_text("utf-8"))))
for error in errors:
    print(f"{file_name}: {error.json_path}: {error.message}")
sys.exit(1 if errors else 0)
