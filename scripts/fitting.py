"""What the fits share: the library run at many constants at once, least squares on logs, and modules written.

No equation is here, nor in the scripts that use this: predictions come from `mlsys` and from the `fidelity` example.
"""

import argparse
import csv
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

try:
    import numpy as np
    from scipy.optimize import least_squares
except ImportError as missing:
    sys.exit(f"{missing}: python3 -m venv venv && venv/bin/pip install numpy scipy, then run venv/bin/python")

ROOT = Path(__file__).resolve().parent.parent
CALIBRATION = ROOT / "src/std/calibration"
STEP = 1e-6  # of a constant's log, for slopes


def arguments(doc, verbs):
    """The command line: a verb, whether to write, and where the programs are."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verb", choices=verbs)
    parser.add_argument("--write", action="store_true", help="write the constants into src/std/calibration")
    parser.add_argument("--mlsys", metavar="PATH", help="the mlsys to run; built in release where not given")
    parser.add_argument("--fidelity", metavar="PATH", help="the fidelity example to run; built in release where not given")
    chosen = parser.parse_args()
    release = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
    if not (chosen.mlsys and chosen.fidelity):
        progress("building mlsys and the fidelity example")
        run(["cargo", "build", "--release", "--bin", "mlsys", "--example", "fidelity"], cwd=ROOT)
    chosen.mlsys = chosen.mlsys or release / "mlsys"
    chosen.fidelity = chosen.fidelity or release / "examples/fidelity"
    return chosen


def run(command, **options):
    try:
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, **options)
    except OSError as error:
        sys.exit(f"{command[0]} does not run: {error}")
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


def progress(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def write_csv(path, headings, rows):
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows([headings, *rows])


def rows_of(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def fidelity(program, kind, rows, trials, quantities, *files):
    """Predictions of measured rows at trials (dicts by heading): an array of trials, rows, quantities."""
    with tempfile.TemporaryDirectory() as folder:
        measured, tried, out = (Path(folder) / name for name in ("rows.csv", "trials.csv", "out.csv"))
        write_csv(measured, rows[0], [row.values() for row in rows])
        write_csv(tried, trials[0], [trial.values() for trial in trials])
        told = run([program, kind, measured, *files, "--out", out, *(["--trials", tried] if trials[0] else [])])
        found = [[float(line[q] or "nan") for q in quantities] for line in rows_of(out)]
    found = np.array(found).reshape(len(trials), len(rows), len(quantities))
    if np.isnan(found).any():
        sys.exit(f"rows without a prediction:\n{told[told.rfind('rows, '):]}")
    return found


def swept(program, text, trials, rows, output):
    """The output of the solve `one` of a plan, over trials and rows (texts by path): an array of trials and rows."""
    axes = lambda points: "".join(f"  {path}: [{', '.join(p[path] for p in points)}]\n" for path in points[0])
    text = f"{text}\nsweep points = one over {{\nzip {{\n{axes(trials)}}}\nzip {{\n{axes(rows)}}}\n}}\n"
    with tempfile.TemporaryDirectory() as folder:
        plan = Path(folder) / "plan.mls"
        plan.write_text(text)
        run([program, "run", "--quiet", "--out", folder, plan])
        with open(Path(folder) / "points.csv", newline="") as file:
            lines = csv.reader(file)
            column = next(lines).index(output)
            found = np.array([float(line[column]) for line in lines])
    return found.reshape(len(trials), len(rows))


def fitted(predict, residuals, start, **options):
    """Constants (positive) at which the residuals' squares are least. `predict` takes lists of constants; what it predicts
    at one is given to `residuals` together with their logs. One call gives a point and its slopes."""
    start, known = np.log(start), {}

    def at(x):
        key = x.tobytes()
        if key not in known:
            points = [x, *(x + STEP * np.eye(len(x)))]
            r = [residuals(p, found) for p, found in zip(points, predict([np.exp(p) for p in points]))]
            known[key] = r[0], (np.array(r[1:]) - r[0]).T / STEP
        return known[key]

    return np.exp(least_squares(lambda x: at(x)[0], start, jac=lambda x: at(x)[1], **options).x)


class Runs:
    """Measured runs, the constants that are fitted on them, and what the library says. A subclass has `rows`, `goal` (a
    column a quantity), `prior` by constant, `kind`, `quantities` and `files` for the fidelity example, and the methods
    `trial`, `residuals`, `score`; `heading` is that of a table."""

    def __init__(self, program):
        self.program = program

    def predict(self, trials, here, files=None):
        rows = [self.rows[i] for i in np.flatnonzero(here)]
        return fidelity(self.program, self.kind, rows, trials, self.quantities, *(files or self.files))

    def at(self, constants, here=None, files=None):
        """The predictions of the runs `here` with these constants; with those of the library where there are none."""
        here = np.ones(len(self.rows), bool) if here is None else here
        return self.predict([self.trial(constants)], here, files)[0]

    def fit(self, here, **options):
        """The constants that fit the runs `here`."""
        predict = lambda points: self.predict([self.trial(dict(zip(self.prior, p))) for p in points], here)
        residuals = lambda x, found: self.residuals(np.log(found / self.goal[here]), x - start, here)
        start = np.log(list(self.prior.values()))
        return dict(zip(self.prior, map(float, fitted(predict, residuals, np.exp(start), **options))))

    def column(self, key):
        return np.array([row[key] for row in self.rows])

    def left_out(self, groups, then=lambda constants, name: constants):
        """Each group predicted with constants that were fitted on the others, and changed by `then`."""
        found = np.full(self.goal.shape, np.nan)
        for name in sorted(set(groups)):
            progress(f"without {name}")
            out = groups == name
            found[out] = self.at(then(self.fit(~out), name), out)
        return found

    def table(self, title, found, *groupings):
        """Scores, of all runs and by group. What is not predicted does not count."""
        print(f"\n{title}\n{self.heading}{self.line('all', found, ~np.isnan(found).any(axis=1))}")
        for groups in groupings:
            for name in sorted(set(groups[~np.isnan(found).any(axis=1)])):
                print(self.line(name, found, groups == name), flush=True)

    def line(self, name, found, here):
        return self.score(name, here.sum(), [scores(ratio) for ratio in (found / self.goal)[here].T])


def scores(ratio):
    """Runs, mean and median error in percent, bias, and the percentage of runs within 10%; None without any run."""
    ratio = ratio[~np.isnan(ratio)]
    error = 100 * np.abs(ratio - 1)
    if not len(ratio):
        return None
    return len(ratio), error.mean(), np.median(error), np.exp(np.log(ratio).mean()), 100 * np.mean(error <= 10)


def written(number):
    """A constant as the library has it."""
    return f"{number:.3g}"


def find(module, record, path):
    """The number of a record's or a type's field in a module, as a match's second group."""
    name, *inner = path.split(".")
    inside = rf"[^\n]*\b{inner[0]}: " if inner else ""
    before = rf"^(?:type|\w+) {record}\b[^\n]*\{{\n(?:(?!^\}}).*\n)*?  {name}: (?:[\w /]+\?? = )?{inside}"
    found = re.search(rf"({before})([\d.e+-]+)", (CALIBRATION / module).read_text(), re.M)
    if not found:
        sys.exit(f"{CALIBRATION / module}: {record} has no number at `{path}`")
    return found


def write_module(program, module, constants):
    """Replaces numbers by record and path, unit and all else as they are, and says which changed."""
    file = CALIBRATION / module
    for (record, path), number in constants.items():
        found = find(module, record, path)
        if float(found[2]) != float(written(number)):
            print(f"{module}: {record}.{path} {found[2]} -> {written(number)}")
            text = file.read_text()
            file.write_text(text[: found.start(2)] + written(number) + text[found.end(2) :])
    run([program, "fmt", file])
