use std::collections::BTreeMap;

use files::{DatasetFile, Directions, Model, Split, StateTensor, Tensor, Trajectory};
use ndarray::ArrayD;

use super::{
    Difference, Values,
    points::along,
    settings::{origins, texts},
};

/// Examples that are compared at once.
const EXAMPLES: usize = 1000;

pub(super) fn models(a: &Model, b: &Model, found: &mut Vec<Difference>) {
    texts(
        "architecture",
        a.architecture.clone(),
        b.architecture.clone(),
        found,
    );
    if a.program != b.program {
        let (one, other) = (a.program.len(), b.program.len());
        found.push(Difference::counts("program", one, other, "bytes of text"));
    }
    let (a, b) = (by_name(a), by_name(b));
    for (name, one) in &a {
        let Some(other) = b.get(name) else {
            found.push(Difference::setting(*name, form(&one.tensor), "none"));
            continue;
        };
        tensors(name, &one.tensor, &other.tensor, found);
        texts(
            &format!("{name}, role"),
            format!("{:?}", one.role),
            format!("{:?}", other.role),
            found,
        );
    }
    for (name, other) in &b {
        if !a.contains_key(name) {
            found.push(Difference::setting(*name, "none", form(&other.tensor)));
        }
    }
}

fn by_name(model: &Model) -> BTreeMap<&str, &StateTensor> {
    let mut entries = BTreeMap::new();
    for entry in &model.state {
        entries.insert(entry.name.as_str(), entry);
    }
    entries
}

pub(super) fn directions(a: &Directions, b: &Directions, found: &mut Vec<Difference>) {
    origins("model", a.model.as_ref(), b.model.as_ref(), found);
    texts(
        "dir_type",
        a.dir_type.name().into(),
        b.dir_type.name().into(),
        found,
    );
    if a.names != b.names {
        let (one, other) = (a.names.len(), b.names.len());
        found.push(Difference::counts("names", one, other, "names, others"));
    }
    for (axis, one, other) in [
        ("x", Some(&a.x), Some(&b.x)),
        ("y", a.y.as_ref(), b.y.as_ref()),
    ] {
        match (one, other) {
            (Some(one), Some(other)) => direction(axis, one, other, found),
            (Some(_), None) => found.push(Difference::setting(axis, "there", "none")),
            (None, Some(_)) => found.push(Difference::setting(axis, "none", "there")),
            (None, None) => {}
        }
    }
}

fn direction(axis: &str, a: &[ArrayD<f32>], b: &[ArrayD<f32>], found: &mut Vec<Difference>) {
    if shapes(a) != shapes(b) {
        let difference = Difference::counts(axis, a.len(), b.len(), "tensors of other shapes");
        found.push(difference);
        return;
    }
    let mut values = Values::named(axis);
    for (one, other) in a.iter().zip(b) {
        for (a, b) in one.iter().zip(other) {
            values.compare(f64::from(*a), f64::from(*b), None);
        }
    }
    values.add_to(found);
}

fn shapes(tensors: &[ArrayD<f32>]) -> Vec<&[usize]> {
    tensors.iter().map(ArrayD::shape).collect()
}

pub(super) fn trajectories(a: &Trajectory, b: &Trajectory, found: &mut Vec<Difference>) {
    origins(
        "directions",
        a.directions.as_ref(),
        b.directions.as_ref(),
        found,
    );
    lines(a, b, found);
    along(a, b, found);
}

/// Compares where the checkpoints of two trajectories are.
pub(super) fn lines(a: &Trajectory, b: &Trajectory, found: &mut Vec<Difference>) {
    texts("steps", a.len().to_string(), b.len().to_string(), found);
    let (one, other) = (a.checkpoint_ids.join(" "), b.checkpoint_ids.join(" "));
    texts("checkpoint_ids", one, other, found);
    let lines = [
        ("x", Some(&a.x[..]), Some(&b.x[..])),
        ("y", a.y.as_deref(), b.y.as_deref()),
        ("residual", a.residual.as_deref(), b.residual.as_deref()),
        ("distance", a.distance.as_deref(), b.distance.as_deref()),
        (
            "arc_length",
            a.arc_length.as_deref(),
            b.arc_length.as_deref(),
        ),
        ("parameter", a.parameter.as_deref(), b.parameter.as_deref()),
    ];
    for (what, one, other) in lines {
        let (one, other) = (one.unwrap_or_default(), other.unwrap_or_default());
        let mut values = Values::named(what);
        for (a, b) in one.iter().zip(other) {
            values.compare(*a, *b, None);
        }
        values.only_in_a = one.len() - values.compared;
        values.only_in_b = other.len() - values.compared;
        values.add_to(found);
    }
}

pub(super) fn datasets(
    a: &DatasetFile,
    b: &DatasetFile,
    found: &mut Vec<Difference>,
) -> anyhow::Result<()> {
    texts("classes", a.classes.join(", "), b.classes.join(", "), found);
    let (one, other) = (&a.normalization, &b.normalization);
    texts(
        "normalization",
        format!("{one:?}"),
        format!("{other:?}"),
        found,
    );
    texts("splits", names(a), names(b), found);
    for split in a.splits() {
        if !b.splits().contains(split) {
            continue;
        }
        let (one, other) = (a.forms(split)?, b.forms(split)?);
        if one != other {
            let (one, other) = (format!("{one:?}"), format!("{other:?}"));
            found.push(Difference::setting(split.to_string(), one, other));
            continue;
        }
        let mut values = Values::named(format!("{split}, examples"));
        values.compared = a.count(split)?;
        values.differing = differing(a, b, split)?;
        values.add_to(found);
    }
    Ok(())
}

fn names(data: &DatasetFile) -> String {
    let names: Vec<String> = data.splits().iter().map(Split::to_string).collect();
    names.join(", ")
}

/// Examples of a split that differ between data of the same forms.
fn differing(a: &DatasetFile, b: &DatasetFile, split: &Split) -> anyhow::Result<usize> {
    let mut differing = 0;
    for start in (0..a.count(split)?).step_by(EXAMPLES) {
        let range = start..start + EXAMPLES;
        let (one, other) = (a.range(split, range.clone())?, b.range(split, range)?);
        let mut differ = vec![false; one.count()];
        for ((_, one), (_, other)) in one.inputs.iter().zip(&other.inputs) {
            mark(&mut differ, one, other);
        }
        if let (Some(one), Some(other)) = (&one.targets, &other.targets) {
            mark(&mut differ, one, other);
        }
        differing += differ.iter().filter(|differs| **differs).count();
    }
    Ok(differing)
}

/// Marks the rows in which tensors of one form differ.
fn mark(differ: &mut [bool], a: &Tensor, b: &Tensor) {
    match (a, b) {
        (Tensor::F32(a), Tensor::F32(b)) => mark_rows(differ, a, b),
        (Tensor::F64(a), Tensor::F64(b)) => mark_rows(differ, a, b),
        (Tensor::I64(a), Tensor::I64(b)) => mark_rows(differ, a, b),
        (Tensor::U8(a), Tensor::U8(b)) => mark_rows(differ, a, b),
        // of two element types
        (Tensor::F32(_) | Tensor::F64(_) | Tensor::I64(_) | Tensor::U8(_), _) => differ.fill(true),
    }
}

fn mark_rows<T: PartialEq>(differ: &mut [bool], a: &ArrayD<T>, b: &ArrayD<T>) {
    for ((differs, a), b) in differ.iter_mut().zip(a.outer_iter()).zip(b.outer_iter()) {
        *differs |= a != b;
    }
}

fn tensors(name: &str, a: &Tensor, b: &Tensor, found: &mut Vec<Difference>) {
    if form(a) != form(b) {
        found.push(Difference::setting(name, form(a), form(b)));
        return;
    }
    let mut values = Values::named(name);
    for (a, b) in reals(a).iter().zip(&reals(b)) {
        values.compare(*a, *b, None);
    }
    values.add_to(found);
}

fn form(tensor: &Tensor) -> String {
    format!("{} {:?}", tensor.dtype(), tensor.shape())
}

fn reals(tensor: &Tensor) -> ArrayD<f64> {
    match tensor {
        Tensor::F32(array) => array.mapv(f64::from),
        Tensor::F64(array) => array.clone(),
        Tensor::I64(array) => array.mapv(|value| value as f64),
        Tensor::U8(array) => array.mapv(f64::from),
    }
}
