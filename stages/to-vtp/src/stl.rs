//! Binary STL: triangles with their normals, no colours and no lines.

use provenance::Record;

use crate::mesh::Mesh;

/// The whole file.
pub(crate) fn document(mesh: &Mesh, record: &Record) -> Vec<u8> {
    let count = 2 * mesh.quads.len() as u32;
    let mut bytes = provenance::stl_head(record);
    bytes.extend(count.to_le_bytes());
    for triangle in mesh.triangles() {
        let corners = triangle.map(|point| mesh.points[point]);
        for value in std::iter::once(normal(corners)).chain(corners).flatten() {
            bytes.extend(value.to_le_bytes());
        }
        bytes.extend([0, 0]);
    }
    bytes
}

/// The unit normal of a triangle.
fn normal([a, b, c]: [[f32; 3]; 3]) -> [f32; 3] {
    let side =
        |from: [f32; 3], to: [f32; 3]| -> [f32; 3] { std::array::from_fn(|k| to[k] - from[k]) };
    let (u, v) = (side(a, b), side(a, c));
    let cross = [
        u[1] * v[2] - u[2] * v[1],
        u[2] * v[0] - u[0] * v[2],
        u[0] * v[1] - u[1] * v[0],
    ];
    let length = cross.iter().map(|value| value * value).sum::<f32>().sqrt();
    if length > 0.0 {
        cross.map(|value| value / length)
    } else {
        [0.0, 0.0, 1.0]
    }
}
