//! Projects checkpoints onto the plane of directions: `project --model final.h5 --directions
//! dirs.h5 nets/model-*.h5 --output trajectory.h5`.

mod args;
mod places;

use std::process::ExitCode;

use clap::Parser;
use files::{CURVE, Contents, Directions, Header, METHOD, ModelFile, Provenance, Trajectory};
use weights::{Axes, Method};

use args::{Along, Args};
use places::Places;

fn main() -> ExitCode {
    stage::run(Args::parse(), run)
}

fn run(args: Args) -> anyhow::Result<()> {
    let runs = args.runs()?;
    let along = args.along()?;
    let directions = Directions::read(&args.directions)?;
    check_model(&args, &directions)?;
    let axes = Axes::new(&directions.x, directions.y.as_deref(), args.method())?;
    if !axes.has_grid_coordinates() {
        args.output.say(
            "warning: with --method cos these coordinates are lengths, not those of grids: the \
             axes have no unit length; --method lstsq gives those of grids",
        );
    }

    let places = match &along {
        Some(along) => {
            let files = &runs[0].files;
            Places::along(&args, &directions, &axes, along, files)?
        }
        None => Places::find(&args, &directions, &axes, runs)?,
    };

    let mut headers: Vec<&Header> = vec![&directions.header];
    headers.extend(&places.headers);
    let provenance = Provenance::of_this_command(&headers);
    say_residuals(&args, &places);
    let trajectory = trajectory(&directions, &axes, places, along.as_ref());
    trajectory.write(&args.output.target(), &provenance)?;
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

fn trajectory(
    directions: &files::Stored<Directions>,
    axes: &Axes,
    places: Places,
    along: Option<&Along>,
) -> Trajectory {
    let (mut x, mut y) = (Vec::new(), Vec::new());
    let (mut residual, mut distance) = (Vec::new(), Vec::new());
    for place in &places.places {
        x.push(place.x);
        y.push(place.y);
        residual.push(place.residual);
        distance.push(place.distance);
    }
    let method = match axes.method() {
        Method::LeastSquares => "lstsq",
        Method::Cosine => "cos",
    };
    let mut notes = directions.remarks_of_the_plane();
    notes.push((METHOD.into(), method.into()));
    notes.extend(along.map(|along| (CURVE.into(), along.curve.name().into())));
    let mut trajectory = Trajectory {
        x,
        y: directions.y.is_some().then_some(y),
        residual: Some(residual),
        distance: Some(distance),
        checkpoint_ids: places.ids(),
        parameter: places.parameter,
        checkpoints: places.files,
        runs: places.runs,
        run: places.run,
        directions: Some(directions.header.origin()),
        notes,
        ..Trajectory::default()
    };
    trajectory.arc_length = Some(axes.arc_lengths(&trajectory));
    trajectory
}

/// Says how much of the way lies off the plane.
fn say_residuals(args: &Args, places: &Places) {
    let (mut off, mut away) = (0.0f64, 0.0f64);
    for place in &places.places {
        off = off.max(place.residual);
        away = away.max(place.distance);
    }
    let what = match places.parameter {
        Some(_) => "points",
        None => "checkpoints",
    };
    args.output.say(format!(
        "{} {what}: at most {off:.4} off the plane, at most {away:.4} from the model",
        places.places.len()
    ));
}
