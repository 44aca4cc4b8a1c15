use super::*;

fn field(size: usize, z: impl Fn(f64, f64) -> f64) -> Field {
    let axis: Vec<f64> = (0..size)
        .map(|k| -1.0 + 2.0 * k as f64 / (size - 1) as f64)
        .collect();
    let z = Array2::from_shape_fn((size, size), |(row, column)| z(axis[column], axis[row]));
    Field {
        x: axis.clone(),
        y: axis,
        z,
        quantity: files::Quantity::of_name(""),
        limit: None,
        measured: [size, size],
    }
}

#[test]
fn vertices_lie_on_their_level_and_a_circle_is_closed() {
    let field = field(21, |x, y| x * x + 1.3 * y * y);
    for level in [0.1, 0.37, 0.9] {
        let lines = Tracer::new(&field, false).lines(level);
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].first(), lines[0].last());
        assert!(
            lines[0]
                .iter()
                .all(|[x, y]| (field.at(*x, *y).unwrap() - level).abs() < 1e-12)
        );
    }
}

#[test]
fn lines_end_at_the_frame_and_at_holes() {
    let slope = field(5, |x, _| x);
    let lines = Tracer::new(&slope, false).lines(0.1);
    assert_eq!(lines.len(), 1);
    assert!(lines[0].iter().all(|[x, _]| (x - 0.1).abs() < 1e-12));
    let mut holed = slope;
    holed.z[[2, 2]] = f64::NAN;
    // around the hole triangles are left, which the line does not reach through the middle
    let lines = Tracer::new(&holed, false).lines(0.1);
    assert_eq!(lines.len(), 2);
    assert!(
        lines
            .iter()
            .flatten()
            .all(|[x, y]| (x - 0.1).abs() < 1e-12 && y.abs() > 0.39)
    );
}

#[test]
fn the_middle_decides_at_a_saddle() {
    let saddle = |middle: f64| field(2, move |x, y| middle + x * y);
    let (apart, joined) = (saddle(-0.1), saddle(0.1));
    // high corners at the lower left and the upper right: two corners cut off, or one band between
    // them
    assert_eq!(Tracer::new(&apart, false).rings(0.0).len(), 2);
    assert_eq!(Tracer::new(&joined, false).rings(0.0).len(), 1);
    assert_eq!(Tracer::new(&joined, false).lines(0.0).len(), 2);
}

#[test]
fn the_region_above_a_level_has_the_frame_in_its_rings() {
    let bowl = field(11, |x, y| x * x + y * y);
    let rings = Tracer::new(&bowl, false).rings(0.5);
    assert_eq!(rings.len(), 2, "the frame and the circle");
    assert!(rings.iter().all(|ring| ring.first() == ring.last()));
}

#[test]
fn what_has_no_logarithm_lies_below_every_level() {
    let field = field(5, |x, y| {
        if x == 0.0 && y == 0.0 {
            0.0
        } else {
            1.0 + x * x
        }
    });
    assert_eq!(Tracer::new(&field, true).lines(0.9).len(), 1);
}

/// `tests/golden/contour/make.py` says how contourpy made them: interpolated plainly or in the
/// logarithm, with and without holes.
#[test]
fn lines_are_those_of_contourpy() {
    let golden: serde_json::Value = serde_json::from_str(include_str!(
        "../../../../../tests/golden/contour/contourpy.json"
    ))
    .unwrap();
    let reals = |value: &serde_json::Value| -> Vec<f64> {
        value
            .as_array()
            .unwrap()
            .iter()
            .map(|value| value.as_f64().unwrap_or(f64::NAN))
            .collect()
    };
    for case in golden.as_array().unwrap() {
        let (x, y) = (reals(&case["x"]), reals(&case["y"]));
        let z = Array2::from_shape_vec((y.len(), x.len()), reals(&case["z"])).unwrap();
        let measured = [x.len(), y.len()];
        let field = Field {
            x,
            y,
            z,
            quantity: files::Quantity::of_name(""),
            limit: None,
            measured,
        };
        let tracer = Tracer::new(&field, case["log"].as_bool().unwrap());
        for level in case["levels"].as_array().unwrap() {
            let theirs: Vec<Vec<Place>> = serde_json::from_value(level["lines"].clone()).unwrap();
            let ours = tracer.lines(level["level"].as_f64().unwrap());
            assert_eq!(
                canonical(ours),
                canonical(theirs),
                "{} at {}",
                case["name"],
                level["level"]
            );
        }
    }
}

/// Lines in one order, each in one direction and a ring from one start; places in millionths.
fn canonical(lines: Vec<Vec<Place>>) -> Vec<Vec<[i64; 2]>> {
    let rounded = |line: Vec<Place>| {
        line.into_iter()
            .map(|place| place.map(|value| (value * 1e6).round() as i64))
    };
    let one = |line: Vec<Place>| -> Vec<[i64; 2]> {
        let mut line: Vec<[i64; 2]> = rounded(line).collect();
        let ring = line.first() == line.last();
        if ring {
            line.pop();
        }
        let mut ways = Vec::new();
        for mut way in [line.clone(), line.iter().rev().copied().collect()] {
            if ring {
                let least = (0..way.len()).min_by_key(|k| way[*k]).unwrap();
                way.rotate_left(least);
            }
            ways.push(way);
        }
        ways.into_iter().min().unwrap()
    };
    let mut lines: Vec<_> = lines.into_iter().map(one).collect();
    lines.sort();
    lines
}
