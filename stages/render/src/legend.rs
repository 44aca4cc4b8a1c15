use crate::{
    axes,
    canvas::{Canvas, Point, Rect, Stroke},
    colour::Colour,
    text::{self, Anchor},
};

const SIZE: f64 = 8.5;
const ROW: f64 = 13.0;
const SAMPLE: f64 = 22.0;
const PADDING: f64 = 6.0;

/// Draws a legend where it covers least of the lines.
pub(crate) fn draw(canvas: &mut Canvas, area: Rect, entries: &[(String, Stroke)], lines: &[Vec<Point>]) {
    let widest = entries.iter().map(|(name, _)| text::width(name, SIZE)).fold(0.0, f64::max);
    let size = [3.0 * PADDING + SAMPLE + widest, 2.0 * PADDING + ROW * entries.len() as f64 - (ROW - SIZE)];
    let place = freest(area, size, lines);
    canvas.fill_rect(place, Colour::WHITE);
    canvas.outline(place, Stroke::solid(Colour::GRID, 0.6));
    for (row, (name, stroke)) in entries.iter().enumerate() {
        let (x, y) = (place.x + PADDING, place.y + PADDING + SIZE / 2.0 + ROW * row as f64);
        canvas.line(&[[x, y], [x + SAMPLE, y]], *stroke);
        let at = [x + SAMPLE + PADDING, y + text::CAPITAL * SIZE / 2.0];
        axes::label(canvas, at, name, SIZE, Anchor::Start, Colour::BLACK);
    }
}

/// The place inside the area that covers the fewest points of the lines; among equal ones, the nearest to a corner.
fn freest(area: Rect, [width, height]: [f64; 2], lines: &[Vec<Point>]) -> Rect {
    const MARGIN: f64 = 7.0;
    const STEPS: usize = 16;
    let room = [area.width - width - 2.0 * MARGIN, area.height - height - 2.0 * MARGIN].map(|room| room.max(0.0));
    let places =
        (0..=STEPS).flat_map(|row| (0..=STEPS).map(move |column| [column, row].map(|k| k as f64 / STEPS as f64)));
    let cost = |[u, v]: [f64; 2]| {
        let place = Rect { x: area.x + MARGIN + u * room[0], y: area.y + MARGIN + v * room[1], width, height };
        let covered = lines.iter().flatten().filter(|point| place.contains(**point, -4.0)).count();
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
        let upper: Vec<Point> = (0..200).map(|x| [f64::from(x), 30.0]).collect();
        let place = freest(area, [60.0, 50.0], &[upper]);
        assert!(place.y > 34.0 && place.bottom() < 200.0, "{place:?}");
    }
}
