use std::collections::BTreeMap;

use files::{DatasetFile, Directions, Model, Split, StateTensor, Tensor, Trajectory};
use ndarray::ArrayD;

use super::{
    Difference, Values,
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
        let [one, other] = [a, b].map(|model| format!("{} bytes of text", model.program.len()));
        found.push(Difference::setting("program", one, other));
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
    for (name, other) in b.iter().filter(|(name, _)| !a.contains_key(*name)) {
        found.push(Difference::setting(*name, "none", form(&other.tensor)));
    }
}

fn by_name(model: &Model) -> BTreeMap<&str, &StateTensor> {
    let entries = model.state.iter();
    entries.map(|entry| (entry.name.as_str(), entry)).collect()
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
        let [one, other] = [a, b].map(|it| format!("{} names, others", it.names.len()));
        found.push(Difference::setting("names", one, other));
    }
    for (axis, one, other) in [
        ("x", Some(&a.x), Some(&b.x)),
        ("y", a.y.as_ref(), b.y.as_ref()),
    ] {
        match (one, other) {
            (Some(one), Some(other)) => direction(axis, one, other, found),
            (None, None) => {}
            (one, _) => {
                let [one, other] = if one.is_some() {
                    ["there", "none"]
                } else {
                    ["none", "there"]
                };
                found.push(Difference::setting(axis, one, other));
            }
        }
    }
}

fn direction(axis: &str, a: &[ArrayD<f32>], b: &[ArrayD<f32>], found: &mut Vec<Difference>) {
    if !a.iter().map(ArrayD::shape).eq(b.iter().map(ArrayD::shape)) {
        let [one, other] = [a, b].map(|it| format!("{} tensors of other shapes", it.len()));
        found.push(Difference::setting(axis, one, other));
        return;
    }
    let mut values = Values::named(axis);
    for (one, other) in a.iter().zip(b) {
        for (a, b) in one.iter().zip(other) {
            values.compare(f64::from(*a), f64::from(*b), None);
        }
    }
    if values.is_difference() {
        found.push(Difference::Values(values));
    }
}

pub(super) fn trajectories(a: &Trajectory, b: &Trajectory, found: &mut Vec<Difference>) {
    origins(
        "directions",
        a.directions.as_ref(),
        b.directions.as_ref(),
        found,
    );
    texts("steps", a.x.len().to_string(), b.x.len().to_string(), found);
    let lines = [
        ("x", Some(&a.x), Some(&b.x)),
        ("y", a.y.as_ref(), b.y.as_ref()),
        ("residual", a.residual.as_ref(), b.residual.as_ref()),
    ];
    for (what, one, other) in lines {
        let (one, other) = (one.map_or(&[][..], |it| it), other.map_or(&[][..], |it| it));
        let mut values = Values::named(what);
        for (a, b) in one.iter().zip(other) {
            values.compare(*a, *b, None);
        }
        values.only_in_a = one.len() - values.compared;
        values.only_in_b = other.len() - values.compared;
        if values.is_difference() {
            found.push(Difference::Values(values));
        }
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
    for split in a.splits().iter().filter(|split| b.splits().contains(split)) {
        let (one, other) = (a.forms(split)?, b.forms(split)?);
        if one != other {
            let (one, other) = (format!("{one:?}"), format!("{other:?}"));
            found.push(Difference::setting(split.to_string(), one, other));
            continue;
        }
        let (count, differing) = (a.count(split)?, differing(a, b, split)?);
        if differing > 0 {
            let mut values = Values::named(format!("{split}, examples"));
            (values.compared, values.differing) = (count, differing);
            found.push(Difference::Values(values));
        }
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
    fn rows<T: PartialEq>(differ: &mut [bool], a: &ArrayD<T>, b: &ArrayD<T>) {
        for ((differs, a), b) in differ.iter_mut().zip(a.outer_iter()).zip(b.outer_iter()) {
            *differs |= a != b;
        }
    }
    match (a, b) {
        (Tensor::F32(a), Tensor::F32(b)) => rows(differ, a, b),
        (Tensor::F64(a), Tensor::F64(b)) => rows(differ, a, b),
        (Tensor::I64(a), Tensor::I64(b)) => rows(differ, a, b),
        (Tensor::U8(a), Tensor::U8(b)) => rows(differ, a, b),
        _ => differ.fill(true),
    }
}

fn tensors(name: &str, a: &Tensor, b: &Tensor, found: &mut Vec<Difference>) {
    if form(a) != form(b) {
        found.push(Difference::setting(name, form(a), form(b)));
        return;
    }
    let mut values = Values::named(name);
    for (a, b) in reals(a).into_iter().zip(reals(b)) {
        values.compare(a, b, None);
    }
    if values.is_difference() {
        found.push(Difference::Values(values));
    }
}

fn form(tensor: &Tensor) -> String {
    format!("{} {:?}", tensor.dtype(), tensor.shape())
}

fn reals(tensor: &Tensor) -> Vec<f64> {
    match tensor {
        Tensor::F32(array) => array.iter().map(|value| f64::from(*value)).collect(),
        Tensor::F64(array) => array.iter().copied().collect(),
        Tensor::I64(array) => array.iter().map(|value| *value as f64).collect(),
        Tensor::U8(array) => array.iter().map(|value| f64::from(*value)).collect(),
    }
}
