"""Run the notebooks from a clean kernel and keep their pictures: ``python notebooks/refresh.py [NAME ...]``.

What differs between two runs or machines is taken out: times of execution, versions of the kernel.
"""

import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).parent


def refresh(file: Path) -> float:
    """Execute one notebook in its folder, write it back, and return the seconds it took."""
    notebook = nbformat.read(file, as_version=4)
    began = time.perf_counter()
    resources = {"metadata": {"path": str(HERE)}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=resources).execute()
    seconds = time.perf_counter() - began
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
        cell["metadata"] = nbformat.from_dict({})
    nbformat.write(notebook, file)
    return seconds


if __name__ == "__main__":
    wanted = [HERE / f"{Path(name).stem}.ipynb" for name in sys.argv[1:]] or sorted(HERE.glob("*.ipynb"))
    for each in wanted:
        sys.stdout.write(f"{each.name}: {refresh(each):.0f} s\n")
