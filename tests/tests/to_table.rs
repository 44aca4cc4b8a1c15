//! to-table, read back by numpy and Python's csv and json.

use tests::Workdir;

/// Compares all three forms with the file.
const CHECK: &str = r#"
import csv, json, math
import h5py, numpy
with h5py.File("surface.h5") as f:
    x = f["xcoordinates"][:]
    y = f["ycoordinates"][:] if "ycoordinates" in f else None
    metrics = {name: f[name][:] for name in f.attrs["metrics"].astype(str)}
    evaluated = f["evaluated"][:]
    id = f.attrs["id"].decode()

arrays = numpy.load("table.npz", allow_pickle=False)
assert set(arrays) == {"x", "evaluated", *metrics} | (set() if y is None else {"y"}), list(arrays)
assert numpy.array_equal(arrays["x"], x) and (y is None or numpy.array_equal(arrays["y"], y))
assert numpy.array_equal(arrays["evaluated"], evaluated)
for name, values in metrics.items():
    assert numpy.array_equal(arrays[name], values, equal_nan=True), name

table = json.load(open("table.json"), parse_constant=lambda word: 1 / 0)
assert table["id"] == id and table["x"] == x.tolist() and table["y"] == (None if y is None else y.tolist())
assert table["evaluated"] == evaluated.tolist()
for name, values in metrics.items():
    found = numpy.array(table["metrics"][name], dtype=float)
    assert numpy.array_equal(found, numpy.where(numpy.isfinite(values), values, numpy.nan), equal_nan=True), name

rows = list(csv.DictReader(open("table.csv")))
assert len(rows) == evaluated.size
for k, row in enumerate(rows):
    assert float(row["x"]) == x[k % len(x)] and (y is None or float(row["y"]) == y[k // len(x)])
    for name, values in metrics.items():
        if evaluated.ravel()[k]:
            found = float(row[name])
            assert found == values.ravel()[k] or (math.isnan(found) and math.isnan(values.ravel()[k])), (k, name)
        else:
            assert row[name] == ""
print(len(rows), "points")
"#;

fn tables(workdir: &Workdir) -> String {
    for form in ["csv", "json", "npz"] {
        workdir.ok(&format!(
            "to-table surface.h5 --output table.{form} --force"
        ));
    }
    tests::python(workdir, CHECK)
}

#[test]
fn notebooks_read_what_the_file_holds() {
    let workdir = Workdir::new();
    workdir.write_surface("surface.h5", 6, 5, |x, y| match (x, y) {
        (x, y) if x > 0.9 && y > 0.9 => None,
        (x, _) if x < -0.9 => Some(f64::INFINITY),
        (_, y) if y < -0.9 => Some(f64::NAN),
        (x, y) => Some(x * x / 3.0 + y + 1e-17),
    });
    assert_eq!(tables(&workdir), "30 points\n");
    std::fs::remove_file(workdir.path("surface.h5")).unwrap();
    workdir.write_curve("surface.h5", 7);
    assert_eq!(tables(&workdir), "7 points\n");
}

#[test]
fn quantities_are_chosen_by_name() {
    let workdir = Workdir::new();
    workdir.write_curve("curve.h5", 3);
    workdir.ok("to-table curve.h5 --surf-name train_err,train_loss --output t.csv");
    let text = std::fs::read_to_string(workdir.path("t.csv")).unwrap();
    assert!(text.starts_with("x,train_err,train_loss\n-1.0,"), "{text}");
    assert!(
        workdir
            .fails("to-table curve.h5 --surf-name loss --output u.csv")
            .contains("train_loss, train_acc")
    );
    assert!(
        workdir
            .fails("to-table curve.h5 --output u.txt")
            .contains(".csv, .json or .npz")
    );
}
