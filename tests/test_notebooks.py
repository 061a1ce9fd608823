"""What is committed of the notebooks; nbmake runs them (the folder is among pytest's testpaths)."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

# a home or work folder, a drive, an installed package, an address in memory
MACHINE = re.compile(
    r"(?<![\w.])/(home|root|work|tmp|usr|opt|Users|var)/|[A-Z]:\\\\|site-packages|0x[0-9a-f]{6,}"
)


def test_there_are_notebooks() -> None:
    assert "01-first-plan.ipynb" in [file.name for file in NOTEBOOKS]


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_a_notebook_is_committed_run_with_its_pictures_and_no_path_of_a_machine(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    cells = json.loads(text)["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell["outputs"]]
    assert not [output for output in outputs if output["output_type"] == "error"]
    assert not [output for output in outputs if output.get("name") == "stderr"]
    assert [output for output in outputs if "image/png" in output.get("data", {})]
    for output in outputs:
        output.get("data", {}).pop("image/png", None)
    assert not MACHINE.search(json.dumps(cells))
    assert cells[0]["cell_type"] == "markdown"
    assert "".join(cells[0]["source"]).startswith("# ")
    assert len(text) < 4_000_000
