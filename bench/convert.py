"""What converting documents costs: time and peak memory of each kind, and of all, each read in a process of its own.

    python bench/convert.py [--megabytes 50]

The documents are made first, by the formats' own libraries, some megabytes of each kind, half of it Chinese. Then each
is converted as thinkact does it, from a process that holds one document at a time. "peak" is the most memory that a
converting process had; the process that asks has its own line. Linux and macOS tell it, Windows does not.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from plugins._convert import convert  # noqa: E402

LINE = "The quick brown fox jumps over the lazy dog 第{}行：春眠不觉晓，处处闻啼鸟。"
ASK = "import sys; sys.path.insert(0, sys.argv[1]); from bench.convert import ask; ask(sys.argv[2])"


def made(megabytes: int) -> Iterator[tuple[str, bytes]]:
    """One document of each kind, sized so that they are together about so many megabytes."""
    import docx

    from tests.plugins import papers

    scale = max(1, megabytes) / 50
    lines = [LINE.format(number) for number in range(int(40_000 * scale) + 60)]
    word = docx.Document()
    for line in lines[: len(lines) // 3]:
        word.add_paragraph(line)
    paragraphs = "".join(f"<p>{line}</p>\n" for line in lines)
    times: Callable[[float], int] = lambda count: max(1, int(count * scale))  # noqa: E731
    yield "a.pdf", papers.pdf([lines[at : at + 45] for at in range(0, len(lines) // 2, 45)])
    yield "a.docx", papers.saved(word)
    yield "a.xlsx", papers.workbook(max(200, times(150_000)))
    yield "a.pptx", papers.presentation(times(150))
    yield "a.odt", papers.open_document(lines)
    yield "a.epub", papers.book([f"<h1>{number}</h1>{paragraphs}" for number in range(4)])
    yield "a.html", f"<html><body><nav>x</nav>{paragraphs * times(2)}</body></html>".encode()
    yield "a.csv", "\n".join(f"{number},{line},{number / 7}" for number, line in enumerate(lines * times(2))).encode()
    yield "a.txt", ("\n".join(lines * times(4))).encode("gb18030")
    yield "a.rtf", papers.rtf(lines)
    yield "a.eml", papers.mail(text="\n".join(lines * times(2)))
    yield "a.ipynb", papers.notebook(lines)


def ask(path: str) -> None:
    """Convert one file and tell, on one line: seconds, peaks of the two processes in MiB, parts, characters, notes."""
    content = Path(path).read_bytes()
    began = time.monotonic()
    document = convert(content, name=path)
    seconds = time.monotonic() - began
    mine, its = peaks()
    print(f"{seconds:.2f}", mine, its, len(document.parts), len(document.text), "; ".join(document.notes), sep="\t")


def peaks() -> tuple[int, int]:
    """MiB of this process and of the largest that it started; 0 where nobody tells."""
    try:
        import resource
    except ImportError:  # Windows
        return 0, 0
    unit = 2**20 if sys.platform == "darwin" else 2**10
    both = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    mine, its = (int(resource.getrusage(who).ru_maxrss / unit) for who in both)
    return mine, its


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=50, help="of all documents together")
    megabytes = parser.parse_args().megabytes
    print("| kind | MB | seconds | asking, MiB | converting, MiB | parts | characters | notes |")
    print("|---|---|---|---|---|---|---|---|")
    total = spent = highest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for name, content in made(megabytes):
            path = Path(folder) / name
            path.write_bytes(content)
            words = [sys.executable, "-c", ASK, str(ROOT), str(path)]
            told = subprocess.run(words, capture_output=True, text=True, check=True).stdout.rstrip("\n").split("\t")
            print(f"| {name[2:]} | {len(content) / 1e6:.1f} | {' | '.join(told)} |")
            total, spent = total + len(content) / 1e6, spent + float(told[0])
            highest = max(highest, float(told[1]), float(told[2]))
    print(f"| all | {total:.1f} | {spent:.2f} | | {highest:.0f} | | | |")


if __name__ == "__main__":
    main()
