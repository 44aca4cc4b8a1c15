//! Projects checkpoints onto the plane of directions: `project --model final.h5 --directions
//! dirs.h5 nets/model-*.h5 --output trajectory.h5`.

mod args;
mod places;

use std::process::ExitCode;

use clap::Parser;
use files::{Contents, Directions, Header, ModelFile, Note, Provenance, Trajectory};
use weights::{Axes, Method};

use args::Args;
use places::Places;

fn main() -> ExitCode {
    stage::run(Args::parse(), run)
}

fn run(args: Args) -> anyhow::Result<()> {
    let runs = args.runs()?;
    let directions = Directions::read(&args.directions)?;
    check_model(&args, &directions)?;
    let axes = Axes::new(&directions.x, directions.y.as_deref(), args.method())?;
    if !axes.has_grid_coordinates() {
        args.output.say(
            "warning: with --method cos these coordinates are lengths, not those of grids: the \
             axes have no unit length; --method lstsq gives those of grids",
        );
    }

    let places = Places::find(&args, &directions, &axes, runs)?;

    let mut headers: Vec<&Header> = vec![&directions.header];
    headers.extend(&places.headers);
    let provenance = Provenance::of_this_command(&headers);
    let trajectory = trajectory(&directions, &axes, &places);
    trajectory.write(&args.output.target(), &provenance)?;
    say_residuals(&args, &places);
    Ok(())
}

/// Checks, before checkpoints are read, that the directions were made for the model.
fn check_model(args: &Args, directions: &files::Stored<Directions>) -> anyhow::Result<()> {
    if let Some(origin) = &directions.model {
        let model = ModelFile::open(&args.model)?.check()?;
        model.check_origin_of(&args.directions, "model", origin)?;
    }
    Ok(())
}

fn trajectory(directions: &files::Stored<Directions>, axes: &Axes, places: &Places) -> Trajectory {
    let mut trajectory = Trajectory {
        x: Vec::new(),
        y: directions.y.is_some().then(Vec::new),
        residual: Some(Vec::new()),
        distance: Some(Vec::new()),
        checkpoints: places.files.clone(),
        checkpoint_ids: places.ids(),
        runs: places.runs.clone(),
        run: places.run.clone(),
        directions: Some(directions.header.origin()),
        notes: directions.remarks_of_the_plane(),
    };
    for place in &places.places {
        trajectory.x.push(place.x);
        if let Some(y) = &mut trajectory.y {
            y.push(place.y);
        }
        trajectory
            .residual
            .get_or_insert_default()
            .push(place.residual);
        trajectory
            .distance
            .get_or_insert_default()
            .push(place.distance);
    }
    let method = match axes.method() {
        Method::LeastSquares => "lstsq",
        Method::Cosine => "cos",
    };
    trajectory
        .notes
        .push(("method".into(), Note::Text(method.into())));
    trajectory
}

/// Says how much of the way lies off the plane.
fn say_residuals(args: &Args, places: &Places) {
    let (mut off, mut away) = (0.0f64, 0.0f64);
    for place in &places.places {
        off = off.max(place.residual);
        away = away.max(place.distance);
    }
    args.output.say(format!(
        "{} checkpoints: at most {off:.4} off the plane, at most {away:.4} from the model",
        places.places.len()
    ));
}
