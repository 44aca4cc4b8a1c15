use super::*;

const AREA: Rect = Rect {
    x: 0.0,
    y: 0.0,
    width: 200.0,
    height: 200.0,
};

fn level(y: f64) -> Vec<Point> {
    (0..=100).map(|k| [2.0 * f64::from(k), y]).collect()
}

#[test]
fn a_line_is_cut_where_its_label_stands() {
    let mut obstacles = Obstacles::within(AREA);
    let number = obstacles.add(&level(100.0));
    let (pieces, label) =
        Labeller::new(AREA, 8.0, &obstacles, None).place(&level(100.0), number, 20.0);
    let label = label.unwrap();
    assert_eq!((pieces.len(), label.angle), (2, 0.0));
    let gap = pieces[1][0][0] - pieces[0][pieces[0].len() - 1][0];
    assert!((gap - 25.0).abs() < 1e-9, "{gap}");
}

#[test]
fn labels_touch_neither_each_other_nor_other_lines_nor_the_frame_nor_a_legend() {
    let lines: Vec<Vec<Point>> = [1.0, 60.0, 63.0, 120.0, 180.0].map(level).into();
    let mut obstacles = Obstacles::within(AREA);
    let numbers: Vec<usize> = lines.iter().map(|line| obstacles.add(line)).collect();
    let legend = Rect {
        x: 0.0,
        y: 170.0,
        width: 200.0,
        height: 20.0,
    };
    let mut labeller = Labeller::new(AREA, 8.0, &obstacles, Some(legend));
    let placed = lines
        .iter()
        .zip(numbers)
        .map(|(line, number)| labeller.place(line, number, 20.0).1.is_some());
    // the first is at the frame, the next two are too close to each other, the last is under
    // the legend
    assert_eq!(
        placed.collect::<Vec<_>>(),
        [false, false, false, true, false]
    );
}

#[test]
fn a_label_does_not_cover_another_stretch_of_its_own_line() {
    let mut obstacles = Obstacles::within(AREA);
    // there and back, 3 points apart
    let line: Vec<Point> = level(100.0)
        .into_iter()
        .chain(level(103.0).into_iter().rev())
        .collect();
    let number = obstacles.add(&line);
    assert!(
        Labeller::new(AREA, 8.0, &obstacles, None)
            .place(&line, number, 20.0)
            .1
            .is_none()
    );
}

#[test]
fn turned_labels_are_told_apart() {
    let obstacles = Obstacles::within(AREA);
    let labeller = Labeller::new(AREA, 8.0, &obstacles, None);
    let label = |x: f64, angle: f64| Placed {
        centre: [x, 100.0],
        angle,
        width: 30.0,
    };
    assert!(labeller.touch(&label(100.0, 0.0), &label(115.0, 90.0)));
    assert!(!labeller.touch(&label(100.0, 90.0), &label(115.0, 90.0)));
    assert!(!labeller.touch(&label(100.0, 0.0), &label(140.0, 0.0)));
}
