//! Wavefront OBJ with the colours of points after their places, as Blender and MeshLab read them.

use std::fmt::Write;

use colour::ColourMap;
use provenance::Record;

use crate::mesh::Mesh;

/// The whole file.
pub(crate) fn document(mesh: &Mesh, map: ColourMap, record: &Record) -> Vec<u8> {
    let mut text = String::from("# a loss landscape: points with colours, normals, quads, lines\n");
    text += &provenance::obj_line(record);
    // writing to a string cannot fail
    for ([x, y, z], colour) in mesh.points.iter().zip(mesh.colours(map)) {
        let [red, green, blue] = colour.0.map(|channel| f32::from(channel) / 255.0);
        let _ = writeln!(text, "v {x} {y} {z} {red:.4} {green:.4} {blue:.4}");
    }
    for [x, y, z] in mesh.lines.iter().flat_map(|line| &line.points) {
        let _ = writeln!(text, "v {x} {y} {z} 0.7843 0.0627 0.1804");
    }
    for [x, y, z] in &mesh.normals {
        let _ = writeln!(text, "vn {x:.6} {y:.6} {z:.6}");
    }
    text += "o surface\n";
    for quad in &mesh.quads {
        let corners = quad.map(|corner| format!("{0}//{0}", corner + 1)).join(" ");
        let _ = writeln!(text, "f {corners}");
    }
    let mut next = mesh.points.len() + 1;
    for (k, line) in mesh.lines.iter().enumerate() {
        let points: Vec<String> = (next..next + line.points.len())
            .map(|point| point.to_string())
            .collect();
        next += line.points.len();
        let _ = writeln!(text, "o trajectory-{}\nl {}", k + 1, points.join(" "));
    }
    text.into_bytes()
}
