"""The table of trials, as Markdown."""

import collections

COLUMNS = [
    "import-model",
    "import-data",
    "make-dirs",
    "eval-grid",
    "hessian",
    "sharpness",
    "merge",
    "render",
    "to-vtp",
    "to-table",
]


def table(trials):
    """A row for each fault, a column for each stage; a cell is right targets of trials."""
    cells = collections.defaultdict(list)
    for trial in trials:
        stage = trial.stage.name.split()[0]
        for row in (trial.row, "all"):
            for column in (stage, "all"):
                cells[row, column].append(trial)
    rows = sorted({trial.row for trial in trials}) + ["all"]
    columns = [*COLUMNS, "all"]
    lines = [
        "| fault | " + " | ".join(columns) + " | findings |",
        "|---|" + "---:|" * (len(columns) + 1),
    ]
    for row in rows:
        words = [cell(cells[row, column]) for column in columns]
        found = sum(len(trial.findings) > 0 for trial in cells[row, "all"])
        lines.append(f"| {row} | " + " | ".join(words) + f" | {found} |")
    return "\n".join(lines)


def cell(trials):
    if not trials:
        return ""
    right = sum(trial.right for trial in trials)
    return f"{right} of {len(trials)}"
