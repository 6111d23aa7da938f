"""crd-schemas.py FOLDER CRD_FILE...: JSON schemas that allow no unknown field, as kubeconform reads them, out of CRDs"""
import json
import sys

import yaml


def strict(node):
    if isinstance(node, dict):
        open_ended = node.get("x-kubernetes-preserve-unknown-fields") or "additionalProperties" in node
        if isinstance(node.get("properties"), dict) and not open_ended:
            node["additionalProperties"] = False
        for child in node.values():
            strict(child)
    elif isinstance(node, list):
        for child in node:
            strict(child)


folder, *files = sys.argv[1:]
for file in files:
    with open(file, encoding="utf8") as source:
        spec = yaml.safe_load(source)["spec"]
    for version in spec["versions"]:
        schema = version["schema"]["openAPIV3Schema"]
        schema["properties"]["metadata"] = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
        strict(schema)
        name = f"{spec['names']['kind'].lower()}-{spec['group'].split('.')[0]}-{version['name']}.json"
        with open(f"{folder}/{name}", "w", encoding="utf8") as target:
            json.dump(schema, target)
