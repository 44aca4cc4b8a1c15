//! Axes that are made each for itself: at random, or towards other models.

use std::path::Path;

use files::{AxisName, Directions, Mark, Meaning, Note, cosine_note, is_oblique};

use crate::{
    args::{Each, Made, Recipe},
    direction::Direction,
    origin::Origin,
    plane::Plane,
};

/// The axes, and the models that they lead to.
///
/// # Errors
/// Those of [`Direction::make`]; models on one line, where a plane through them is wanted.
pub(crate) fn make(origin: &Origin, recipe: &Recipe, each: &Each) -> anyhow::Result<Plane> {
    let mut x = Direction::make(origin, recipe, each.seed, AxisName::X, &each.x)?;
    let mut y = match &each.y {
        Some(made) => Some(Direction::make(
            origin,
            recipe,
            each.seed,
            AxisName::Y,
            made,
        )?),
        None => None,
    };
    let mut places = [Some([1.0, 0.0]), Some([0.0, 1.0])];
    if each.orthonormal {
        places = make_orthonormal(&mut x, y.as_mut())?;
    }

    let mut notes: Vec<(String, Note)> = x.notes;
    let mut headers: Vec<_> = x.target.into_iter().collect();
    let mut cosine = None;
    let mut y_tensors = None;
    if let Some(y) = y {
        cosine = Some(weights::cosine(&x.tensors, &y.tensors));
        notes.extend(y.notes);
        headers.extend(y.target);
        y_tensors = Some(y.tensors);
    }
    for axis in AxisName::ALL {
        notes.extend(meaning(origin, recipe, each, axis).map(|meaning| meaning.note(axis)));
    }
    notes.extend(Mark::notes(&marks(origin, recipe, each, places)));
    if let Some(cosine) = cosine {
        say_cosine(recipe, each, cosine);
        notes.push(cosine_note(cosine));
    }
    Ok(Plane {
        directions: Directions {
            x: x.tensors,
            y: y_tensors,
            notes,
            ..origin.directions()
        },
        headers,
    })
}

/// Gives the axes unit length and a right angle; returns the places of the two targets.
fn make_orthonormal(
    x: &mut Direction,
    y: Option<&mut Direction>,
) -> anyhow::Result<[Option<[f64; 2]>; 2]> {
    let (unit, distance) = weights::orthonormal(&x.tensors, &[])?;
    x.tensors = unit;
    let Some(y) = y else {
        return Ok([Some([distance, 0.0]), None]);
    };
    let along = weights::dot(&x.tensors, &y.tensors);
    let (unit, off) = weights::orthonormal(&y.tensors, &[&x.tensors])?;
    y.tensors = unit;
    Ok([Some([distance, 0.0]), Some([along, off])])
}

/// What labels of an axis say of it.
fn meaning(origin: &Origin, recipe: &Recipe, each: &Each, axis: AxisName) -> Option<Meaning> {
    let made = match axis {
        AxisName::X => &each.x,
        AxisName::Y => each.y.as_ref()?,
    };
    let Made::Target(path) = made else {
        return Some(Meaning::Random);
    };
    let name = name(path, recipe, each);
    Some(if each.orthonormal {
        Meaning::Distance(name)
    } else if origin.selection.is_whole() {
        Meaning::Target(name)
    } else {
        Meaning::Target(format!("{name} in part"))
    })
}

/// The networks whose places are known: the model and its targets. Where only a part moves, the
/// targets are nowhere on the plane.
fn marks(
    origin: &Origin,
    recipe: &Recipe,
    each: &Each,
    places: [Option<[f64; 2]>; 2],
) -> Vec<Mark> {
    let mut marks = Vec::new();
    for (made, place) in [Some(&each.x), each.y.as_ref()].into_iter().zip(places) {
        if let (Some(Made::Target(path)), Some(at)) = (made, place) {
            let name = name(path, recipe, each);
            marks.push(Mark { at, name });
        }
    }
    if marks.is_empty() || !origin.selection.is_whole() || each.same_dir {
        return Vec::new();
    }
    let name = name(&recipe.model, recipe, each);
    marks.insert(
        0,
        Mark {
            at: [0.0, 0.0],
            name,
        },
    );
    marks
}

/// The name of a model in pictures: that of its file, with its folder where another model has the
/// same one.
fn name(path: &Path, recipe: &Recipe, each: &Each) -> String {
    let mut others = vec![recipe.model.as_path()];
    for made in [Some(&each.x), each.y.as_ref()].into_iter().flatten() {
        match made {
            Made::Target(target) => others.push(target),
            Made::Random(_) => {}
        }
    }
    let own = stem(path);
    let is_shared = others
        .iter()
        .any(|other| *other != path && stem(other) == own);
    match path.parent().and_then(Path::file_name) {
        Some(folder) if is_shared => format!("{}/{own}", folder.to_string_lossy()),
        Some(_) | None => own,
    }
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Says how far from orthogonal the axes are; pictures draw them so.
fn say_cosine(recipe: &Recipe, each: &Each, cosine: f64) {
    let output = &recipe.output;
    output.say(format!("cosine between x and y: {cosine:.6}"));
    if is_oblique(cosine) && !each.same_dir {
        output.say(
            "warning: the axes are oblique, and pictures draw them at a right angle: distances and \
             angles in them are not those in weight space",
        );
    }
}
