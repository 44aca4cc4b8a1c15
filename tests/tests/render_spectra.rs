//! render: densities and eigenvalues of spectra, by the numbers in their pictures.

use std::{f64::consts::TAU, fs};

use files::{Contents, Estimates, Note, Provenance, Quadrature, Spectrum, Target};
use ndarray::{Array1, Array2, Array3, array};
use tests::Workdir;

/// The colours of the only spectrum, and of the first and the second of several.
const ONE: &str = "#1f56b4";
const FIRST: &str = "#d55e00";
const SECOND: &str = "#0072b2";
const TRACE: &str = "#c8102e";

/// A spectrum of models at the epochs 0, 1, 2, … with these eigenvalues, one of which is the
/// smallest.
fn spectrum(eigenvalues: Array2<f64>) -> Spectrum {
    let (rows, _) = eigenvalues.dim();
    Spectrum {
        models: (0..rows)
            .map(|row| format!("nets/model-{row}.h5"))
            .collect(),
        model_ids: (0..rows).map(|row| format!("id {row}")).collect(),
        dimension: 100,
        bounds: Array2::zeros(eigenvalues.raw_dim()),
        eigenvalues,
        bottom: 1,
        converged: Array1::ones(rows),
        products: Array1::from_elem(rows, 20),
        trace: None,
        frobenius_squared: None,
        diagonal_squared: None,
        density: None,
        vectors: None,
        origins: Vec::new(),
        settings: vec![("operator".into(), Note::from("hessian"))],
    }
}

/// The same with the density of a bulk at 0 and an outlier at 10.
fn with_density(weights: Array3<f64>) -> Spectrum {
    let nodes = weights.mapv(|weight| if weight == 0.0 { f64::NAN } else { weight });
    let mut density = Quadrature { nodes, weights };
    for (k, node) in density.nodes.iter_mut().enumerate() {
        *node = if k % 2 == 0 { 0.0 } else { 10.0 + 0.0 * *node };
    }
    Spectrum {
        density: Some(density),
        ..spectrum(array![[0.0, 10.0]])
    }
}

fn write(workdir: &Workdir, name: &str, spectrum: &Spectrum) {
    let target = Target::new(&workdir.path(name), true);
    let provenance = Provenance::of_this_command(&[]);
    spectrum.write(&target, &provenance).unwrap();
}

/// An SVG that `render` makes, and what is said meanwhile.
fn draw(workdir: &Workdir, line: &str) -> (String, String) {
    let ran = workdir.ok(&format!("render {line} --output p.svg --force"));
    let svg = fs::read_to_string(workdir.path("p.svg")).unwrap();
    (svg, ran.stderr)
}

/// The points of all lines of this colour that are as wide as this at least.
fn lines(svg: &str, colour: &str, width: f64) -> Vec<Vec<[f64; 2]>> {
    let mut lines = Vec::new();
    for element in svg.split('<').filter(|element| element.starts_with("path")) {
        let stroke = attribute(element, "stroke");
        // a width of 1 is not said
        let wide: f64 = attribute(element, "stroke-width")
            .unwrap_or("1")
            .parse()
            .unwrap();
        if stroke == Some(colour) && wide >= width {
            lines.push(points(attribute(element, "d").unwrap()));
        }
    }
    lines
}

fn attribute<'a>(element: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = element.split_once(&format!(" {name}=\""))?;
    Some(rest.split('"').next().unwrap())
}

fn points(data: &str) -> Vec<[f64; 2]> {
    let mut points = Vec::new();
    let numbers = data.replace(['M', 'L', 'Z'], " ");
    let numbers: Vec<f64> = numbers
        .split_whitespace()
        .map(|it| it.parse().unwrap())
        .collect();
    for pair in numbers.chunks_exact(2) {
        points.push([pair[0], pair[1]]);
    }
    points
}

/// The heights of the discs of this colour, which are curves from their right end on.
fn discs(svg: &str, colour: &str) -> Vec<f64> {
    let mut heights = Vec::new();
    for element in svg.split('<').filter(|element| element.starts_with("path")) {
        let data = attribute(element, "d").unwrap_or_default();
        if attribute(element, "fill") == Some(colour) && data.contains('C') {
            let words: Vec<&str> = data.split_whitespace().collect();
            heights.push(words[2].parse().unwrap());
        }
    }
    heights
}

/// The frame: left, right, bottom, top.
fn frame(svg: &str) -> [f64; 4] {
    let all = lines(svg, "#000000", 0.8);
    let corners = all.iter().find(|line| line.len() == 4).unwrap();
    [corners[0][0], corners[1][0], corners[2][1], corners[0][1]]
}

/// Where something lies between two ends, of which the axis shows these numbers.
fn between(place: f64, [from, to]: [f64; 2], [low, high]: [f64; 2]) -> f64 {
    low + (place - from) / (to - from) * (high - low)
}

fn assert_near(found: f64, wanted: f64, tolerance: f64) {
    assert!((found - wanted).abs() <= tolerance, "{found} for {wanted}");
}

#[test]
fn a_density_has_the_heights_of_its_weights() {
    let workdir = Workdir::new();
    write(
        &workdir,
        "s.h5",
        &with_density(array![[[0.9, 0.1], [0.7, 0.3]]]),
    );
    let (svg, said) = draw(&workdir, "s.h5 --plot density --vmin 1e-3 --vmax 10");
    assert!(said.contains("standard deviation 0.05"), "{said}");
    let [left, right, bottom, top] = frame(&svg);
    let sigma = 0.05;
    let single = 1.0 / (sigma * TAU.sqrt());
    // σ is 1/200 of the range, and the axis goes on by 6 σ
    let shown = [-6.0 * sigma, 10.0 + 6.0 * sigma];
    let curve = lines(&svg, ONE, 1.1).concat();
    for (middle, weight) in [(0.0, 0.8), (10.0, 0.2)] {
        let near = curve.iter().filter(|[x, _]| {
            let value = between(*x, [left, right], shown);
            (value - middle).abs() < 1.0
        });
        let peak = near.fold([0.0, f64::INFINITY], |one, other| {
            if other[1] < one[1] { *other } else { one }
        });
        assert_near(between(peak[0], [left, right], shown), middle, sigma / 4.0);
        let height = between(peak[1], [bottom, top], [-3.0, 1.0]);
        assert_near(height, (weight * single).log10(), 0.02);
    }
    // the band of one standard error: (0.3 - 0.1) / 2 around the outlier
    let mut bands = svg
        .split('<')
        .filter(|element| element.contains("fill-opacity=\"0.2\""));
    let ring = points(attribute(bands.next().unwrap(), "d").unwrap());
    let outlier = ring
        .iter()
        .filter(|[x, _]| between(*x, [left, right], shown) > 9.0);
    let highest = outlier.fold(f64::INFINITY, |least, [_, y]| least.min(*y));
    assert_near(
        between(highest, [bottom, top], [-3.0, 1.0]),
        (0.3 * single).log10(),
        0.02,
    );
    // marks of both eigenvalues, from above
    let marks = lines(&svg, ONE, 0.7);
    let marks: Vec<_> = marks.iter().filter(|line| line.len() == 2).collect();
    assert_eq!(marks.len(), 2);
    assert_near(between(marks[1][0][0], [left, right], shown), 10.0, 0.01);
    assert!(marks[1][0][1] - top < 3.0, "{marks:?}");
}

#[test]
fn sigma_and_scale_can_be_chosen() {
    let workdir = Workdir::new();
    write(&workdir, "s.h5", &with_density(array![[[0.5, 0.5]]]));
    let call = "s.h5 --plot density --sigma 0.5 --linear --vmax 1";
    let (svg, said) = draw(&workdir, call);
    assert!(said.contains("standard deviation 0.5"), "{said}");
    let [_, _, bottom, top] = frame(&svg);
    let mut highest = f64::INFINITY;
    for [_, y] in &lines(&svg, ONE, 1.1)[0] {
        highest = highest.min(*y);
    }
    assert_near(
        between(highest, [bottom, top], [0.0, 1.0]),
        1.0 / TAU.sqrt(),
        3e-3,
    );
    let stderr = workdir.fails("render s.h5 --plot density --sigma 1e-9 --output a.png");
    assert!(stderr.contains("use 0.00111 or more"), "{stderr}");
}

#[test]
fn several_spectra_are_drawn_and_named_in_the_picture() {
    let workdir = Workdir::new();
    let one = with_density(array![[[0.9, 0.1]]]);
    let mut other = one.clone();
    write(&workdir, "one.h5", &one);
    other.settings = vec![("operator".into(), Note::from("ggn"))];
    write(&workdir, "two.h5", &other);
    for (plot, width) in [("density", 1.1), ("eigenvalues", 0.9)] {
        let (svg, _) = draw(&workdir, &format!("one.h5 two.h5 --plot {plot}"));
        for colour in [FIRST, SECOND] {
            // with the sample of the legend
            assert!(lines(&svg, colour, width).len() >= 2, "{plot}");
        }
    }
    let record = provenance::read(&workdir.path("p.svg")).unwrap().unwrap();
    let kinds: Vec<&str> = record
        .shows
        .iter()
        .map(|shown| shown.kind.as_str())
        .collect();
    assert_eq!(kinds, ["spectrum", "spectrum"]);
    let id = Spectrum::read(&workdir.path("one.h5"))
        .unwrap()
        .header
        .id
        .clone();
    assert_eq!(record.shows[0].id, id);
}

#[test]
fn eigenvalues_stand_at_their_epochs() {
    let workdir = Workdir::new();
    let mut run = spectrum(array![
        [-2.0, 10.0],
        [-1.0, 30.0],
        [f64::NAN, f64::NAN],
        [0.0, 40.0]
    ]);
    // as a shell sorts them
    run.models = ["0", "10", "20", "4"]
        .map(|it| format!("nets/model-{it}.h5"))
        .to_vec();
    run.converged[1] = 0;
    run.bounds[[1, 1]] = 5.0;
    run.trace = Some(Estimates {
        values: array![100.0, 200.0, f64::NAN, 50.0],
        stderr: array![10.0, 10.0, f64::NAN, 10.0],
    });
    write(&workdir, "run.h5", &run);
    let call = "run.h5 --plot eigenvalues --learning-rate 0.05 --vmin -10 --vmax 50";
    let (svg, _) = draw(&workdir, call);
    let [left, right, bottom, top] = frame(&svg);
    let along = [-0.4, 20.4];
    let largest = &lines(&svg, ONE, 1.4)[0];
    assert_eq!(largest.len(), 3);
    for ([x, y], wanted) in largest.iter().zip([[0.0, 10.0], [4.0, 40.0], [10.0, 30.0]]) {
        assert_near(between(*x, [left, right], along), wanted[0], 0.01);
        assert_near(between(*y, [bottom, top], [-10.0, 50.0]), wanted[1], 0.01);
    }
    assert_eq!(discs(&svg, ONE).len(), 3);
    // 0 of the trace, on the right axis, may be elsewhere; its line has gaps as well
    assert_eq!(lines(&svg, TRACE, 1.1)[0].len(), 3);
    // the model that did not converge has an error bar, 2/η = 40 a line
    let bars = lines(&svg, ONE, 0.7);
    let bar = bars
        .iter()
        .find(|line| line.len() == 2 && line[0][0] == line[1][0])
        .unwrap();
    let ends = [bar[0][1], bar[1][1]].map(|y| between(y, [bottom, top], [-10.0, 50.0]));
    assert_near(ends[0], 25.0, 0.01);
    assert_near(ends[1], 35.0, 0.01);
    let level = |line: &&Vec<[f64; 2]>| line.len() == 2 && line[0][1] == line[1][1];
    let across = lines(&svg, "#000000", 0.85);
    let edge = across.iter().find(level).unwrap();
    assert_near(
        between(edge[0][1], [bottom, top], [-10.0, 50.0]),
        40.0,
        0.01,
    );

    let (svg, _) = draw(&workdir, "run.h5 run.h5 --plot eigenvalues");
    assert_eq!(discs(&svg, FIRST).len(), 6);
    assert!(lines(&svg, TRACE, 1.1).is_empty());
}

#[test]
fn a_single_model_has_a_stem_for_each_eigenvalue() {
    let workdir = Workdir::new();
    write(&workdir, "s.h5", &spectrum(array![[-3.0, 4.0, 5.0, 20.0]]));
    let (svg, _) = draw(&workdir, "s.h5 --plot eigenvalues --vmin -5 --vmax 25");
    let [_, _, bottom, top] = frame(&svg);
    let mut values = Vec::new();
    for y in discs(&svg, ONE) {
        values.push(between(y, [bottom, top], [-5.0, 25.0]));
    }
    for (found, wanted) in values.iter().zip([-3.0, 4.0, 5.0, 20.0]) {
        assert_near(*found, wanted, 0.01);
    }
    assert_eq!(values.len(), 4);
}

#[test]
fn spectra_of_every_sign_and_size_are_drawn() {
    let workdir = Workdir::new();
    let mut flat = with_density(array![[[0.5, 0.5]]]);
    flat.density.as_mut().unwrap().nodes.fill(0.0);
    flat.eigenvalues.fill(0.0);
    let mut negative = flat.clone();
    negative.density.as_mut().unwrap().nodes.fill(-7.0);
    negative.eigenvalues.fill(-7.0);
    let mut tiny = spectrum(array![[1e-9]]);
    tiny.density = Some(Quadrature {
        nodes: array![[[1e-9]]],
        weights: array![[[1.0]]],
    });
    (tiny.dimension, tiny.bottom) = (1, 0);
    let mut holes = with_density(array![[[0.9, 0.1]], [[0.9, 0.1]], [[0.9, 0.1]]]);
    holes
        .density
        .as_mut()
        .unwrap()
        .nodes
        .slice_mut(ndarray::s![1, .., ..])
        .fill(f64::NAN);
    let three = spectrum(array![[-1.0, 9.0], [f64::NAN, f64::NAN], [-2.0, 8.0]]);
    holes = Spectrum {
        density: holes.density,
        ..three
    };
    for (name, spectrum) in [
        ("flat", flat),
        ("negative", negative),
        ("tiny", tiny),
        ("holes", holes),
    ] {
        write(&workdir, &format!("{name}.h5"), &spectrum);
        for plot in [
            "density",
            "density --linear",
            "eigenvalues",
            "eigenvalues --style paper",
        ] {
            for form in ["svg", "png", "pdf"] {
                workdir.ok(&format!(
                    "render {name}.h5 --plot {plot} --dpi 40 --output {name}.{form} --force"
                ));
            }
            let svg = fs::read_to_string(workdir.path(&format!("{name}.svg"))).unwrap();
            assert!(
                !svg.contains("NaN") && !svg.contains("inf"),
                "{name}: {plot}"
            );
        }
    }
    let said = workdir
        .ok("render holes.h5 --plot density --output h.png")
        .stderr;
    assert!(
        said.contains("the density of epoch 1 has no finite number"),
        "{said}"
    );
}

#[test]
fn what_has_no_spectrum_is_refused() {
    let workdir = Workdir::new();
    let mut broken = with_density(array![[[0.9, 0.1]]]);
    broken.density.as_mut().unwrap().nodes.fill(f64::NAN);
    broken.eigenvalues.fill(f64::NAN);
    write(&workdir, "broken.h5", &broken);
    write(
        &workdir,
        "values.h5",
        &spectrum(array![[-1.0, 2.0], [-1.0, 3.0]]),
    );
    write(&workdir, "single.h5", &spectrum(array![[-1.0, 2.0]]));
    let mut none = with_density(array![[[0.9, 0.1]]]);
    (none.eigenvalues, none.bounds) = (Array2::zeros([1, 0]), Array2::zeros([1, 0]));
    none.bottom = 0;
    write(&workdir, "none.h5", &none);
    workdir.write_surface("surface.h5", 5, 4, |x, _| Some(x));
    for (wrong, said) in [
        (
            "broken.h5 --plot density --output a.png",
            "its density has no finite number",
        ),
        (
            "broken.h5 --plot eigenvalues --output a.png",
            "none of its eigenvalues is finite",
        ),
        (
            "values.h5 --plot density --output a.png",
            "hessian --density measures it",
        ),
        (
            "none.h5 --plot eigenvalues --output a.png",
            "it has no eigenvalues",
        ),
        (
            "surface.h5 --plot density --output a.png",
            "is a surface file, but a spectrum file",
        ),
        (
            "values.h5 --plot density --output a.html",
            "has the other plots",
        ),
        (
            "values.h5 --plot eigenvalues --log --output a.png",
            "wants positive eigenvalues",
        ),
        (
            "single.h5 --plot eigenvalues --log --output a.png",
            "begins at 0",
        ),
        (
            "single.h5 --plot eigenvalues --learning-rate 0.1 --output a.png",
            "over the checkpoints of a run",
        ),
        (
            "values.h5 --plot eigenvalues --sigma 1 --output a.png",
            "does not use --sigma",
        ),
        (
            "surface.h5 --plot heat --learning-rate 1 --output a.png",
            "use --learning-rate",
        ),
        (
            "values.h5 --plot eigenvalues --learning-rate 0 --output a.png",
            "is 0e0, it must be",
        ),
        (
            "values.h5 --plot density --clip 3 --output a.png",
            "does not use --clip",
        ),
        (
            "values.h5 --plot density --cmap magma --output a.png",
            "does not use --cmap",
        ),
    ] {
        let stderr = workdir.fails(&format!("render {wrong}"));
        assert!(stderr.contains(said), "{wrong}: {stderr}");
    }
}
