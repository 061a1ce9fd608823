"""Plans with their certificates in folders, written without maps and pages, and forged ones."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geo_devolve as gd
from geo_devolve.publish.files.proof import certificate_json
from geo_devolve.publish.files.record import created, plan_json
from geo_devolve.verifying import Verdict, verify

Document = dict[str, Any]


def write(plan: gd.Plan, folder: Path) -> Path:
    """Write plan.json and certificate.json."""
    folder.mkdir(parents=True, exist_ok=True)
    assert plan.certificate is not None
    assert plan.certificate.evidence is not None
    proof = certificate_json(plan.geography, plan.scenario, plan.certificate.evidence)
    (folder / "certificate.json").write_text(proof, encoding="utf-8")
    (folder / "plan.json").write_text(plan_json(plan, created(plan), proof), encoding="utf-8")
    return folder


def read(folder: Path) -> tuple[Document, Document]:
    """Return plan and certificate."""
    plan, proof = (
        json.loads((folder / name).read_text("utf-8")) for name in ("plan.json", "certificate.json")
    )
    return plan, proof


def forged(folder: Path, change: Callable[[Document, Document], object], **options: Any) -> Verdict:
    """Change plan and certificate, put the hash right, and check what came of it."""
    plan, proof = read(folder)
    change(plan, proof)
    return rewritten(folder.parent / f"{folder.name}-forged", plan, proof, **options)


def rewritten(folder: Path, plan: Document, proof: Document, **options: Any) -> Verdict:
    """Write a plan and a certificate whose hash is right, and check them."""
    folder.mkdir(exist_ok=True)
    text = json.dumps(proof)
    (folder / "certificate.json").write_text(text, encoding="utf-8")
    plan["proof"] = {"file": "certificate.json", "sha256": hashlib.sha256(text.encode()).hexdigest()}
    (folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    return verify(folder, **options)
