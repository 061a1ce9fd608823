"""Pages of the documentation site that live elsewhere in the repository: the notebooks, and some texts.

Links are written as they hold in the repository, and turned to the site's pages here.
"""

import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parent.parent
TEXTS = {
    "contributing.md": "CONTRIBUTING.md",
    "manifest.md": "boundaries/README.md",
    "licence.md": "boundaries/LICENCE.md",
}


def on_files(files: Files, config: Any) -> Files:
    """Add the notebooks and the texts beside the pages of docs/; leave out what builds the site."""
    scratch = Path(tempfile.mkdtemp(prefix="geo-devolve-site-"))
    config["_scratch"] = str(scratch)
    (scratch / "notebooks").mkdir()
    for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
        shutil.copy(notebook, scratch / "notebooks" / notebook.name)
        files.append(_file(f"notebooks/{notebook.name}", scratch, config))
    for page, source in TEXTS.items():
        shutil.copy(ROOT / source, scratch / page)
        files.append(_file(page, scratch, config))
    return Files([each for each in files if not each.src_uri.endswith((".py", ".toml"))])


def on_post_build(config: Any) -> None:
    """Remove the copies."""
    shutil.rmtree(config["_scratch"], ignore_errors=True)


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Turn links to what lies outside docs/ to its page on the site, or to its name alone."""
    at_root = page.file.src_uri in TEXTS
    up = "../" * page.file.src_uri.count("/")
    outside = {source: name for name, source in TEXTS.items()}

    def turn(link: re.Match[str]) -> str:
        text, target, anchor = link.group(1), link.group(2), link.group(3) or ""
        source = TEXTS[page.file.src_uri] if at_root else f"docs/{page.file.src_uri}"
        whole = (ROOT / source).parent.joinpath(target).resolve()
        if not whole.is_relative_to(ROOT) or not whole.exists():
            return link.group(0)
        inside = whole.relative_to(ROOT).as_posix()
        if inside in outside:
            return f"[{text}]({up}{outside[inside]}{anchor})"
        if inside.startswith("notebooks/"):
            return f"[{text}]({up}{inside})"
        if inside.startswith("docs/"):
            return f"[{text}]({up}{inside.removeprefix('docs/')}{anchor})"
        return text

    return re.sub(r"\[([^\]]*)\]\((?![a-z]+:)([^)#\s]+)(#[^)]*)?\)", turn, markdown)


def _file(name: str, folder: Path, config: Any) -> File:
    return File(name, str(folder), config["site_dir"], config["use_directory_urls"])
