use crate::{
    axes,
    canvas::{Canvas, Rect, Stroke},
    look::Look,
    obstacles::Obstacles,
    text::{self, Anchor},
};

/// Height of a row, length of the sample of a line, and the space around, in font sizes.
const ROW: f64 = 1.5;
const SAMPLE: f64 = 2.6;
const PADDING: f64 = 0.7;

/// What a legend says: a name and its line.
pub(crate) type Entry = (String, Stroke);

/// A legend of this look, where it covers least of what is drawn.
pub(crate) fn place(area: Rect, entries: &[Entry], drawn: &Obstacles, look: Look) -> Rect {
    let size = look.legend();
    let widest = entries.iter().map(|(name, _)| text::width(name, size)).fold(0.0, f64::max);
    let width = (3.0 * PADDING + SAMPLE) * size + widest;
    let height = (2.0 * PADDING + ROW * (entries.len() as f64 - 1.0) + 1.0) * size;
    freest(area, [width, height], drawn)
}

pub(crate) fn draw(canvas: &mut Canvas, place: Rect, entries: &[Entry]) {
    let look = canvas.look;
    let size = look.legend();
    canvas.fill_rect(place, look.paper);
    canvas.outline(place, Stroke::solid(look.grid, 0.6 * look.unit()));
    for (row, (name, stroke)) in entries.iter().enumerate() {
        let (x, y) = (place.x + PADDING * size, place.y + (PADDING + 0.5 + ROW * row as f64) * size);
        canvas.line(&[[x, y], [x + SAMPLE * size, y]], *stroke);
        let at = [x + (SAMPLE + PADDING) * size, y + text::CAPITAL * size / 2.0];
        axes::label(canvas, at, name, size, Anchor::Start, look.ink);
    }
}

/// The place inside the area that covers the fewest points; among equal ones, the nearest to a corner.
fn freest(area: Rect, [width, height]: [f64; 2], drawn: &Obstacles) -> Rect {
    const MARGIN: f64 = 7.0;
    const STEPS: usize = 16;
    let room = [area.width - width - 2.0 * MARGIN, area.height - height - 2.0 * MARGIN].map(|room| room.max(0.0));
    let places =
        (0..=STEPS).flat_map(|row| (0..=STEPS).map(move |column| [column, row].map(|k| k as f64 / STEPS as f64)));
    let cost = |[u, v]: [f64; 2]| {
        let place = Rect { x: area.x + MARGIN + u * room[0], y: area.y + MARGIN + v * room[1], width, height };
        let covered = drawn.near(place).filter(|point| place.contains(point.at, -4.0)).count();
        // right and upper corners first, as people expect
        let inwards = (1.0 - u).min(u + 0.05) + v.min(1.0 - v + 0.02);
        (covered as f64 + inwards, place)
    };
    let best = places.map(cost).min_by(|a, b| a.0.total_cmp(&b.0));
    best.map_or(area, |(_, place)| place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_legend_goes_where_no_line_is() {
        let area = Rect { x: 0.0, y: 0.0, width: 200.0, height: 200.0 };
        let mut drawn = Obstacles::default();
        drawn.add(&[[0.0, 30.0], [200.0, 30.0]]);
        let place = freest(area, [60.0, 50.0], &drawn);
        assert!(place.y > 34.0 && place.bottom() < 200.0, "{place:?}");
    }
}
