//! What pictures, meshes and tables say of how they were made.

use std::fs;

use files::{Contents, Surface, Trajectory};
use provenance::Record;
use tests::{Workdir, python};

/// A surface and a path on it.
fn landscape() -> Workdir {
    let workdir = Workdir::new();
    workdir.write_surface("s.h5", 9, 7, |x, y| Some(0.1 + x * x + y * y));
    workdir.write_trajectory("t.h5", &[[0.5, 0.5], [0.1, 0.2], [0.0, 0.0]]);
    workdir
}

/// The record that a command leaves in its output, which has the same bytes each time.
fn record(workdir: &Workdir, line: &str, output: &str) -> Record {
    let line = format!("{line} --output {output} --force --quiet");
    workdir.ok(&line);
    let bytes = fs::read(workdir.path(output)).unwrap();
    workdir.ok(&line);
    assert!(bytes == fs::read(workdir.path(output)).unwrap(), "{line}");
    let record = provenance::read(&workdir.path(output)).unwrap();
    let record = record.unwrap_or_else(|| panic!("{line}: no record"));
    if output != "p.stl" {
        assert_eq!(record.history.last(), Some(&line));
    }
    record
}

#[test]
fn every_form_leads_back_to_its_files() {
    let workdir = landscape();
    let surface = Surface::read(&workdir.path("s.h5")).unwrap().header;
    let run = Trajectory::read(&workdir.path("t.h5")).unwrap().header;
    let figure = "render s.h5 --plot contour --trajectory t.h5 --dpi 40";
    let moving =
        "render s.h5 --plot surface3d --animate rotate --frames 2 --dpi 20 --trajectory t.h5";
    let mesh = "to-vtp s.h5 --trajectory t.h5";
    let both = [
        (figure, "p.png"),
        (figure, "p.svg"),
        (figure, "p.pdf"),
        ("render s.h5 --trajectory t.h5", "p.html"),
        (moving, "p.gif"),
        (moving, "p.apng"),
        (mesh, "p.vtp"),
        (mesh, "p.glb"),
        (mesh, "p.obj"),
    ];
    for (line, output) in both {
        let record = record(&workdir, line, output);
        let ids: Vec<&str> = record.shows.iter().map(|shown| shown.id.as_str()).collect();
        assert_eq!(ids, [&surface.id, &run.id], "{output}");
        // each command of the files, and then its own
        let published = files::history::without_folders(&surface.history);
        assert_eq!(record.history[0], published[0], "{output}");
        assert!(
            record
                .created_by
                .starts_with(line.split(' ').next().unwrap())
        );
    }
    for (line, output) in [
        ("to-vtp s.h5", "p.stl"),
        ("to-table s.h5", "p.json"),
        ("to-table s.h5", "p.npz"),
    ] {
        assert_eq!(
            record(&workdir, line, output).shows[0].id,
            surface.id,
            "{output}"
        );
    }
    workdir.ok("to-table s.h5 --output p.csv");
    assert_eq!(provenance::read(&workdir.path("p.csv")).unwrap(), None);
}

#[test]
fn a_picture_of_trajectories_alone_names_them() {
    let workdir = landscape();
    let record = record(&workdir, "render t.h5 --plot trajectory", "p.svg");
    assert_eq!(record.shows[0].kind, "trajectory");
    assert_eq!(record.shows[0].file, "t.h5");
}

#[test]
fn a_blind_review_sees_neither_ids_nor_commands() {
    let workdir = landscape();
    let id = Surface::read(&workdir.path("s.h5")).unwrap().header.id;
    for (line, output) in [
        ("render s.h5 --plot contour", "p.png"),
        ("render s.h5 --plot contour", "p.svg"),
        ("render s.h5 --plot contour", "p.pdf"),
        ("render s.h5", "p.html"),
    ] {
        workdir.ok(&format!("{line} --no-provenance --output {output}"));
        let path = workdir.path(output);
        assert_eq!(provenance::read(&path).unwrap(), None, "{output}");
        let text = String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
        assert!(!text.contains(&id) && !text.contains("s.h5"), "{output}");
    }
}

#[test]
fn others_read_it_too() {
    let workdir = landscape();
    workdir.ok("render s.h5 --plot contour --title a<b&c --output p.svg");
    workdir.ok("render s.h5 --plot contour --title a<b&c --output p.png");
    workdir.ok("to-table s.h5 --output p.npz");
    let script = r#"
import json, numpy, struct, xml.etree.ElementTree as xml, zipfile
svg = xml.parse("p.svg").getroot().find("{http://www.w3.org/2000/svg}metadata").text
png = open("p.png", "rb").read()
place = png.index(b"iTXt")
length = struct.unpack(">I", png[place - 4:place])[0]
text = png[place + 4:place + 4 + length].split(b"\0", 5)[-1]
comment = zipfile.ZipFile("p.npz").comment.split(b" ", 1)[1]
numpy.load("p.npz")["train_loss"]
for record in svg, text, comment:
    print(json.loads(record)["history"][-1])
"#;
    let said = python(&workdir, script);
    let title = "render s.h5 --plot contour --title 'a<b&c' --output";
    assert_eq!(
        said.lines().collect::<Vec<_>>(),
        [
            format!("{title} p.svg"),
            format!("{title} p.png"),
            "to-table s.h5 --output p.npz".into()
        ]
    );
}
