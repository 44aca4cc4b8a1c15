"""Counts what makes Rust dense, outside of tests: closures that have a name, iterator adaptors, long
lines and long files. `plain.py` fails where the whole tree is above the limits of CONTRIBUTING.md;
`plain.py FOLDER…` prints the counts of folders."""

import pathlib
import re
import sys

CLOSURE = re.compile(r"let (mut )?\w+(: [^=]+)? =\s*(move )?\|")
ADAPTOR = re.compile(
    r"\.(map|filter|filter_map|flat_map|and_then|map_or|map_or_else|then|then_some|zip|fold|find_map"
    r"|unwrap_or_else|chain|flatten|take_while|is_some_and|is_none_or|is_ok_and|transpose|inspect_err"
    r"|ok_or_else)\("
)
# per 100 lines of code
MOST_CLOSURES, MOST_ADAPTORS = 0.3, 4.0
LONGEST_LINE = 100
ROOT = pathlib.Path(__file__).parents[2]
OUTSIDE = {"target", "tests", "examples", "benches", "fuzz"}


def sources(folder):
    """The files of Rust in a folder, without tests."""
    for path in sorted(pathlib.Path(folder).rglob("*.rs")):
        if not OUTSIDE.intersection(path.parts) and path.name != "tests.rs":
            yield path


def code(path):
    """The lines of code of a file: no comments, no tests, no empty lines."""
    text = path.read_text().split("#[cfg(test)]")[0]
    return [line for line in text.splitlines() if line.strip() and not line.strip().startswith("//")]


def count(folder):
    """Lines of code, and closures and adaptors per 100 of them."""
    lines = [line for path in sources(folder) for line in code(path)]
    closures = sum(bool(CLOSURE.search(line)) for line in lines)
    adaptors = sum(len(ADAPTOR.findall(line)) for line in lines)
    share = 100 / max(1, len(lines))
    return len(lines), share * closures, share * adaptors


def long_lines(folder):
    """Lines, comments too, that are longer than 100 characters."""
    for path in sources(folder):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if len(line) > LONGEST_LINE:
                yield f"{path.relative_to(ROOT)}:{number}: {len(line)} characters"


def main():
    for folder in sys.argv[1:] or [ROOT / "stages"]:
        lines, closures, adaptors = count(folder)
        print(f"{folder}: {lines} lines, {closures:.2f} named closures, {adaptors:.1f} adaptors per 100")
    if len(sys.argv) > 1:
        return 0
    wrong = list(long_lines(ROOT / "stages"))
    _, closures, adaptors = count(ROOT / "stages")
    if closures > MOST_CLOSURES:
        wrong.append(f"{closures:.2f} named closures per 100 lines are more than {MOST_CLOSURES}")
    if adaptors > MOST_ADAPTORS:
        wrong.append(f"{adaptors:.1f} adaptors per 100 lines are more than {MOST_ADAPTORS}")
    print("\n".join(wrong), file=sys.stderr, end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
