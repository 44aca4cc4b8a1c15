//! What is drawn: canvases of figures, the text of a terminal, the contents of a page.

mod axes;
pub(crate) mod canvas;
mod clip;
mod colourbar;
mod label;
mod legend;
mod levels;
mod look;
pub(crate) mod moment;
mod names;
mod obstacles;
pub(crate) mod page;
mod path;
mod plot;
mod rect;
mod scale;
mod scene;
pub(crate) mod sheet;
mod stroke;
pub(crate) mod terminal;
pub(crate) mod text;
mod ticks;
