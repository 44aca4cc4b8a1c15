use crate::figure::{
    axes,
    canvas::Canvas,
    look::Look,
    obstacles::Obstacles,
    rect::Rect,
    stroke::Stroke,
    text::{self, Anchor},
};

/// Height of a row, length of the sample of a line, and the space around, in font sizes.
const ROW: f64 = 1.5;
const SAMPLE: f64 = 2.6;
const PADDING: f64 = 0.7;

/// Between a legend inside an area and the border of the area, in points.
const MARGIN: f64 = 7.0;
/// Around a legend, free of what is drawn, in points.
const CLEAR: f64 = 4.0;
/// Places that are tried along each axis, less one.
const STEPS: usize = 24;

/// A line of a legend: a name and what it stands for.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) sample: Sample,
}

/// What a name of a legend stands for.
#[derive(Clone)]
pub(crate) enum Sample {
    Line(Stroke),
    /// Where something was cut off.
    Hatched(Stroke),
}

/// Where a legend stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Place {
    pub(crate) rect: Rect,
    /// Entries beside each other.
    columns: usize,
    /// Whether it covers nothing that is drawn.
    pub(crate) free: bool,
}

/// A legend inside an area, where it covers least of what is drawn.
pub(crate) fn inside(area: Rect, entries: &[Entry], drawn: &Obstacles, look: Look) -> Place {
    let (rect, covered) = freest(area, size(entries, 1, look), drawn);
    Place {
        rect,
        columns: 1,
        free: covered == 0,
    }
}

/// A legend above an area, in as few rows as fit; and the height that it takes.
pub(crate) fn above(area: Rect, entries: &[Entry], look: Look) -> (Place, f64) {
    let mut columns = entries.len().max(1);
    while columns > 1 && size(entries, columns, look)[0] > area.width {
        columns -= 1;
    }
    // as full as the rows are, in as few columns
    let columns = entries.len().div_ceil(entries.len().div_ceil(columns));
    let [width, height] = size(entries, columns, look);
    let rect = Rect {
        x: area.centre()[0] - width / 2.0,
        y: area.y,
        width,
        height,
    };
    (
        Place {
            rect,
            columns,
            free: true,
        },
        height + 0.5 * look.legend(),
    )
}

pub(crate) fn draw(canvas: &mut Canvas, place: Place, entries: &[Entry]) {
    let (look, rect) = (canvas.look, place.rect);
    let size = look.legend();
    canvas.fill_rect(rect, look.paper);
    canvas.outline(rect, Stroke::solid(look.grid, 0.6 * look.unit()));
    let rows = entries.len().div_ceil(place.columns);
    let step = (rect.width - PADDING * size) / place.columns as f64;
    for (k, Entry { name, sample }) in entries.iter().enumerate() {
        let (row, column) = (k % rows, k / rows);
        let x = rect.x + PADDING * size + column as f64 * step;
        let y = rect.y + (PADDING + 0.5 + ROW * row as f64) * size;
        let end = x + SAMPLE * size;
        match sample {
            Sample::Line(stroke) => canvas.line(&[[x, y], [end, y]], *stroke),
            Sample::Hatched(stroke) => {
                let half = 0.45 * size;
                let rect = Rect {
                    x,
                    y: y - half,
                    width: end - x,
                    height: 2.0 * half,
                };
                canvas.hatch(&[rect.corners()], *stroke);
                canvas.outline(rect, *stroke);
            }
        }
        let at = [
            x + (SAMPLE + PADDING) * size,
            y + text::CAPITAL * size / 2.0,
        ];
        axes::label(canvas, at, name, size, Anchor::Start, look.ink);
    }
}

/// Width and height of a legend with this number of columns.
fn size(entries: &[Entry], columns: usize, look: Look) -> [f64; 2] {
    let size = look.legend();
    let mut widest = 0.0f64;
    for entry in entries {
        widest = widest.max(text::width(&entry.name, size));
    }
    let rows = entries.len().div_ceil(columns) as f64;
    let column = (2.0 * PADDING + SAMPLE) * size + widest;
    [
        columns as f64 * column + PADDING * size,
        (2.0 * PADDING + ROW * (rows - 1.0) + 1.0) * size,
    ]
}

/// The place inside the area that covers the fewest points, and how many; among equal ones, the
/// nearest to a corner.
fn freest(area: Rect, [width, height]: [f64; 2], drawn: &Obstacles) -> (Rect, usize) {
    let room = [
        (area.width - width - 2.0 * MARGIN).max(0.0),
        (area.height - height - 2.0 * MARGIN).max(0.0),
    ];
    let (mut best, mut least) = ((area, 0), f64::INFINITY);
    for row in 0..=STEPS {
        for column in 0..=STEPS {
            let [u, v] = [column, row].map(|k| k as f64 / STEPS as f64);
            let place = Rect {
                x: area.x + MARGIN + u * room[0],
                y: area.y + MARGIN + v * room[1],
                width,
                height,
            };
            let covered = covered(place, drawn);
            // right and upper corners first, as people expect
            let inwards = (1.0 - u).min(u + 0.05) + v.min(1.0 - v + 0.02);
            let cost = covered as f64 + inwards;
            if cost < least {
                (best, least) = ((place, covered), cost);
            }
        }
    }
    best
}

/// How many points of what is drawn a legend at a place would cover or nearly touch.
fn covered(place: Rect, drawn: &Obstacles) -> usize {
    let around = Rect {
        x: place.x - CLEAR,
        y: place.y - CLEAR,
        width: place.width + 2.0 * CLEAR,
        height: place.height + 2.0 * CLEAR,
    };
    let near = drawn.near(around);
    near.filter(|point| around.contains(point.at, 0.0)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_legend_goes_where_no_line_is() {
        let area = Rect {
            x: 0.0,
            y: 0.0,
            width: 200.0,
            height: 200.0,
        };
        let mut drawn = Obstacles::within(area);
        drawn.add(&[[0.0, 30.0], [200.0, 30.0]]);
        let (place, covered) = freest(area, [60.0, 50.0], &drawn);
        assert_eq!(covered, 0);
        assert!(place.y > 34.0 && place.bottom() < 200.0, "{place:?}");
    }
}
