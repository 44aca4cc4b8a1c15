//! Axes that are principal components of checkpoints.

use std::path::Path;

use files::{Directions, Header, Note};
use options::Ignore;
use weights::Checkpoints;

use crate::{args, origin::Origin, plane::Plane};

/// The principal components, and the files that they were made from.
///
/// # Errors
/// Checkpoints that do not fit the model, or are too few.
pub(crate) fn make(origin: &Origin, recipe: &args::Components) -> anyhow::Result<Plane> {
    let files: Vec<&Path> = recipe.checkpoints.iter().map(AsRef::as_ref).collect();
    let path = &origin.model.header.path;
    let mut checkpoints = Checkpoints::open(path, &files, origin.dir_type)?;
    let mut moves = Vec::new();
    for entry in origin.moved() {
        let is_left_alone = recipe.ignore == Ignore::Biasbn && entry.tensor.shape().len() < 2;
        moves.push(origin.moves(entry) && !is_left_alone);
    }
    let found = weights::principal_components(&mut checkpoints, &moves, recipe.count)?;
    let (_, headers): (_, Vec<Header>) = checkpoints.check()?;

    let mut directions = found.directions.into_iter();
    let directions = Directions {
        x: directions.next().unwrap_or_default(),
        y: directions.next(),
        pca: Some(found.pca),
        notes: vec![
            ("xignore".into(), recipe.ignore.to_string().as_str().into()),
            ("checkpoints".into(), Note::Integer(headers.len() as i64)),
        ],
        ..origin.directions()
    };
    Ok(Plane {
        directions,
        headers,
    })
}
