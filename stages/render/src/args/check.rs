//! Options against each other: what a plot or an output does not use is refused, never ignored.
//! One function per rule.

use std::path::PathBuf;

use anyhow::{bail, ensure};

use crate::{
    args::{
        Args,
        ranges::{check_levels, check_ranges},
    },
    options::{Aspect, Form, Motion, Options, Panels, Plot, Style},
};

/// The most pictures of an animation.
const MOST_FRAMES: usize = 100_000;

/// An option by its name, and whether something holds for it.
type Flag = (&'static str, bool);

impl Args {
    /// The options, checked.
    ///
    /// # Errors
    /// An option that the plot does not use, or a value out of range.
    pub(crate) fn checked(self) -> anyhow::Result<Options> {
        let form = Form::of(&self.output.output)?;
        check_output(&self, form)?;
        let options = self.options(form)?;
        check_frames(&options)?;
        check_used_by_plot(&options)?;
        check_used_by_form(&options)?;
        check_animation(&options)?;
        check_without_axes(&options)?;
        check_ranges(&options)?;
        check_levels(&options)?;
        check_panels(&options)?;
        check_panel_titles(&options)?;
        Ok(options)
    }
}

/// The output may be written and is not one of the inputs.
fn check_output(args: &Args, form: Form) -> anyhow::Result<()> {
    if form == Form::Terminal {
        return Ok(());
    }
    let inputs = args.files.iter().chain(&args.trajectory);
    args.output.check(inputs.map(PathBuf::as_path))
}

/// What is drawn, which a page and the terminal decide themselves.
pub(super) fn plot(asked: Option<Plot>, form: Form) -> anyhow::Result<Plot> {
    match (form, asked) {
        (Form::Page, None | Some(Plot::Surface3d)) => Ok(Plot::Surface3d),
        (Form::Page, Some(_)) => {
            bail!(
                "a page has the surface and its contours: --plot surface3d, or none; \
                 --output FILE.png, .svg or .pdf has the other plots"
            )
        }
        (Form::Terminal, None | Some(Plot::Heat)) => Ok(Plot::Heat),
        (Form::Terminal, Some(_)) => {
            bail!("a terminal shows --plot heat; --output FILE.png has the others")
        }
        (_, Some(plot)) => Ok(plot),
        (_, None) => bail!("--plot is missing: which picture? (--help lists them)"),
    }
}

fn check_frames(options: &Options) -> anyhow::Result<()> {
    ensure!(
        options.frames.is_none_or(|frames| frames <= MOST_FRAMES),
        "--frames is more than {MOST_FRAMES}, a film of hours"
    );
    Ok(())
}

/// No option is given that the plot does not use.
fn check_used_by_plot(options: &Options) -> anyhow::Result<()> {
    for (option, unused) in unused(options) {
        if unused {
            let form = if options.form.is_figure() {
                ""
            } else {
                " in this form"
            };
            bail!("--plot {} does not use {option}{form}", options.plot.name());
        }
    }
    Ok(())
}

/// The options that not every plot uses, each with whether it is given although it is not used.
fn unused(options: &Options) -> [Flag; 24] {
    let (plot, form) = (options.plot, options.form);
    let figure = form.is_figure();
    let leveled = plot.has_levels() && figure;
    let lines = plot.is_curve() || plot == Plot::Trajectory;
    let solid = plot == Plot::Surface3d;
    let alone = plot == Plot::Trajectory;
    let spectra = plot.is_of_spectra();
    [
        ("--vlevel", options.vlevel.is_some() && !leveled),
        ("--levels", options.levels.is_some() && !leveled),
        (
            "--surf-name",
            options.surf_name.is_some()
                && ((lines && plot != Plot::Along) || plot == Plot::EigRatio),
        ),
        ("--signed", options.signed && plot != Plot::EigRatio),
        ("--cmap", options.cmap.is_some() && lines),
        (
            "--trajectory",
            !options.trajectories.is_empty() && (lines || form == Form::Terminal),
        ),
        ("--along", options.along.is_some() && plot != Plot::Along),
        ("--elevation", options.elevation.is_some() && !solid),
        ("--azimuth", options.azimuth.is_some() && !solid),
        ("--floor", options.floor && !(solid && figure)),
        ("--log", options.log && alone),
        (
            "--vmin",
            options.vmin.is_some() && (alone || form == Form::Page),
        ),
        ("--vmax", options.vmax.is_some() && alone),
        ("--panel", options.panel.is_some() && plot.is_one_picture()),
        (
            "--panel-title",
            !options.panel_titles.is_empty() && plot.is_one_picture(),
        ),
        ("--smooth", options.smooth.is_some() && !plot.smooths()),
        ("--no-axes", options.no_axes && plot.is_curve()),
        (
            "--no-colorbar",
            options.no_colorbar && !plot.has_colour_bar(),
        ),
        ("--style lit", options.lit() && !solid),
        ("--clip", options.clip.is_some() && spectra),
        ("--share-range", options.share_range && spectra),
        ("--aspect", options.aspect != Aspect::Auto && spectra),
        ("--sigma", options.sigma.is_some() && plot != Plot::Density),
        (
            "--learning-rate",
            options.learning_rate.is_some() && plot != Plot::Eigenvalues,
        ),
    ]
}

/// No option of pictures is given for a page or the terminal.
fn check_used_by_form(options: &Options) -> anyhow::Result<()> {
    let form = match options.form {
        Form::Page => "a page",
        Form::Terminal => "the terminal",
        Form::Png | Form::Svg | Form::Pdf | Form::Gif | Form::Apng => return Ok(()),
    };
    let of_pictures = [
        ("--style", options.style != Style::Plain),
        ("--size", options.size.is_some()),
        ("--dpi", options.dpi.is_some()),
        ("--font-size", options.font_size.is_some()),
        ("--aspect", options.aspect != Aspect::Auto),
        ("--panel", options.panel.is_some()),
        ("--animate", options.animate.is_some()),
        ("--smooth", options.smooth.is_some()),
        ("--no-axes", options.no_axes),
        ("--no-colorbar", options.no_colorbar),
        ("--font", options.font.is_some()),
    ];
    for (option, given) in of_pictures {
        ensure!(!given, "{form} does not use {option}: pictures do");
    }
    Ok(())
}

/// An animation has a name of one, and something that moves.
fn check_animation(options: &Options) -> anyhow::Result<()> {
    let (moves, plot) = (options.form.moves(), options.plot);
    ensure!(
        options.animate.is_none() || moves,
        "an animation is named .gif or .apng"
    );
    match options.animate {
        None => ensure!(
            !moves,
            "a .gif or .apng moves: --animate rotate or trajectory"
        ),
        Some(Motion::Rotate) => ensure!(
            plot == Plot::Surface3d,
            "--animate rotate turns --plot surface3d"
        ),
        Some(Motion::Trajectory) => ensure!(
            plot == Plot::Trajectory || !options.trajectories.is_empty(),
            "--animate trajectory needs a --trajectory"
        ),
    }
    Ok(())
}

/// No option is given for axes that are not drawn.
fn check_without_axes(options: &Options) -> anyhow::Result<()> {
    if options.has_axes() {
        return Ok(());
    }
    let by = if options.lit() {
        "--style lit"
    } else {
        "--no-axes"
    };
    let of_axes = [
        ("--xlabel", options.xlabel.is_some()),
        ("--ylabel", options.ylabel.is_some()),
        ("--floor", options.floor && options.lit()),
    ];
    for (option, given) in of_axes {
        ensure!(
            !given,
            "{by} leaves no place for {option}: leave one of them out"
        );
    }
    Ok(())
}

/// All files have a panel.
fn check_panels(options: &Options) -> anyhow::Result<()> {
    let files = options.files.len();
    if let Some(Panels {
        rows: Some(rows),
        columns,
    }) = options.panel
    {
        ensure!(
            rows * columns >= files,
            "--panel {rows}x{columns} has no room for {files} files"
        );
    }
    Ok(())
}

/// Each panel has a title, or none has.
fn check_panel_titles(options: &Options) -> anyhow::Result<()> {
    let (titles, files) = (options.panel_titles.len(), options.files.len());
    if titles == 0 {
        return Ok(());
    }
    ensure!(
        files > 1,
        "--panel-title names panels of several files: use --title"
    );
    ensure!(
        titles == files,
        "--panel-title is given {titles} times for {files} files: give it once for each file, in \
         their order"
    );
    Ok(())
}
