use anyhow::{bail, ensure};
use files::Surface;

use crate::{
    args::Args,
    axes::{self, Axes, Side},
    canvas::{Canvas, Rect, Stroke},
    colour::Colour,
    field::range,
    label, legend,
    scale::Scale,
};

/// A metric over the x axis, in pieces between holes.
struct Line {
    name: String,
    pieces: Vec<Vec<[f64; 2]>>,
    stroke: Stroke,
}

/// Losses in blue on the left axis, accuracies in red on the right one; train solid, test dashed.
pub(crate) fn curve(args: &Args, surface: &Surface) -> anyhow::Result<Canvas> {
    if surface.grid.y.is_some() {
        bail!("it is a surface, not a curve: draw it with --plot contour, contourf, heat or surface3d");
    }
    let (losses, accuracies) = (lines(surface, "loss", Colour::BLUE), lines(surface, "acc", Colour::RED));
    ensure!(!losses.is_empty() || !accuracies.is_empty(), "it has neither a loss nor an accuracy with a finite value");
    let x = &surface.grid.x;
    let left = loss_scale(args, &losses)?;
    let right = Scale::linear(0.0, 100.0);

    let mut canvas = Canvas::new(args.size());
    let top = axes::title_space(&args.title);
    let height = canvas.height - top - axes::HORIZONTAL_SPACE;
    let beside = |lines: &[Line], scale| if lines.is_empty() { 14.0 } else { axes::vertical_space(scale, height) };
    let (before, after) = (beside(&losses, &left), beside(&accuracies, &right));
    let area = Rect { x: before, y: top, width: canvas.width - before - after, height };
    let x_scale = Scale::linear(x[0], x[x.len() - 1]);
    let both = [(Axes { area, x: x_scale, y: left }, &losses), (Axes { area, x: x_scale, y: right }, &accuracies)];

    let main = if losses.is_empty() { &both[1].0 } else { &both[0].0 };
    main.grid(&mut canvas);
    let mut drawn = Vec::new();
    canvas.clipped(area, |canvas| {
        for (axes, lines) in &both {
            for line in *lines {
                for piece in &line.pieces {
                    let places = axes.places(piece);
                    canvas.line(&places, line.stroke);
                    drawn.push(label::dense(&places, 2.0));
                }
            }
        }
        Ok(())
    })?;
    main.frame(&mut canvas, &args.title);
    main.horizontal(&mut canvas, &args.xlabel);
    if !losses.is_empty() {
        both[0].0.vertical(&mut canvas, "loss", Side::Left, Colour::BLUE);
    }
    if !accuracies.is_empty() {
        both[1].0.vertical(&mut canvas, "accuracy (%)", Side::Right, Colour::RED);
    }
    let entries: Vec<_> = losses.iter().chain(&accuracies).map(|line| (line.name.clone(), line.stroke)).collect();
    legend::draw(&mut canvas, area, &entries, &drawn);
    Ok(canvas)
}

/// From 0 to the largest loss, to 5 at most as in the paper: beyond that a curve is chaos. `--vmin`, `--vmax` change it.
fn loss_scale(args: &Args, losses: &[Line]) -> anyhow::Result<Scale> {
    let values: Vec<f64> = losses.iter().flat_map(|line| &line.pieces).flatten().map(|point| point[1]).collect();
    let (low, high) = if values.is_empty() { (0.0, 1.0) } else { range(values.iter()) };
    if args.log {
        let (low, high) = (args.vmin.unwrap_or(low), args.vmax.unwrap_or(high));
        ensure!(low > 0.0, "--log wants a positive lower end, this is {low}: give a --vmin");
        ensure!(low <= high, "--vmin {low} is not below --vmax {high}");
        return Ok(Scale::logarithmic(low / 1.15, high * 1.15));
    }
    let (low, high) = (args.vmin.unwrap_or(0.0), args.vmax.unwrap_or((high * 1.05).min(5.0)));
    ensure!(low < high, "--vmin {low} is not below --vmax {high}");
    Ok(Scale::linear(low, high))
}

/// The lines of `train_…` and `test_…` that have a value.
fn lines(surface: &Surface, what: &str, colour: Colour) -> Vec<Line> {
    let line = |(split, dashed): (&str, bool)| {
        let values = surface.metric(&format!("{split}_{what}"))?;
        let points: Vec<[f64; 2]> = surface.grid.x.iter().zip(values).map(|(x, value)| [*x, *value]).collect();
        let pieces = points.split(|point| !point[1].is_finite()).filter(|piece| !piece.is_empty());
        let pieces: Vec<_> = pieces.map(<[_]>::to_vec).collect();
        let name = crate::field::title(&format!("{split}_{what}")).replace(" (%)", "");
        (!pieces.is_empty()).then_some(Line { name, pieces, stroke: Stroke { colour, width: 1.5, dashed } })
    };
    [("train", false), ("test", true)].into_iter().filter_map(line).collect()
}
