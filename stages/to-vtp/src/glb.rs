//! Binary glTF 2.0 (Khronos): one JSON chunk, one chunk of arrays. glTF's y axis points upwards, so
//! (x, y, z) becomes (x, z, −y).

use colour::ColourMap;
use provenance::Record;
use serde_json::{Value, json};

use crate::mesh::Mesh;

/// Numbers of the specification: element types, modes, targets of buffers.
const F32: u32 = 5126;
const U32: u32 = 5125;
const U8: u32 = 5121;
const LINES: u32 = 1;
const ARRAY: u32 = 34962;
const ELEMENTS: u32 = 34963;

/// The arrays so far, and what describes them.
#[derive(Default)]
struct Arrays {
    bytes: Vec<u8>,
    views: Vec<Value>,
    accessors: Vec<Value>,
}

impl Arrays {
    /// Adds an array and returns the number of its accessor.
    fn add(&mut self, bytes: &[u8], target: u32, mut accessor: Value) -> usize {
        self.views.push(json!({
            "buffer": 0, "byteOffset": self.bytes.len(), "byteLength": bytes.len(), "target": target
        }));
        accessor["bufferView"] = json!(self.views.len() - 1);
        self.accessors.push(accessor);
        self.bytes.extend(bytes);
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
        self.accessors.len() - 1
    }

    /// Places or normals.
    fn vectors(&mut self, vectors: &[[f32; 3]], bounds: bool) -> usize {
        let turned: Vec<[f32; 3]> = vectors.iter().map(|[x, y, z]| [*x, *z, -*y]).collect();
        let mut accessor = json!({"componentType": F32, "type": "VEC3", "count": turned.len()});
        if bounds {
            accessor["min"] = json!(extreme(&turned, f32::min));
            accessor["max"] = json!(extreme(&turned, f32::max));
        }
        let mut bytes = Vec::with_capacity(12 * turned.len());
        for value in turned.iter().flatten() {
            bytes.extend(value.to_le_bytes());
        }
        self.add(&bytes, ARRAY, accessor)
    }

    fn indices(&mut self, indices: impl Iterator<Item = u32>) -> usize {
        let bytes: Vec<u8> = indices.flat_map(u32::to_le_bytes).collect();
        let scalars = json!({"componentType": U32, "type": "SCALAR", "count": bytes.len() / 4});
        self.add(&bytes, ELEMENTS, scalars)
    }
}

/// The extreme of each component; 0 where there is no vector.
fn extreme(vectors: &[[f32; 3]], pick: fn(f32, f32) -> f32) -> [f32; 3] {
    [0, 1, 2].map(|k| {
        let component = vectors.iter().map(|vector| vector[k]);
        component.reduce(pick).unwrap_or(0.0)
    })
}

/// A channel of a colour in linear light: colours of points are linear in glTF, those of maps are
/// sRGB.
fn linear(channel: u8) -> u8 {
    let value = f64::from(channel) / 255.0;
    let value = if value <= 0.040_45 {
        value / 12.92
    } else {
        ((value + 0.055) / 1.055).powf(2.4)
    };
    (value * 255.0).round() as u8
}

/// A material without gloss.
fn matte(colour: [f64; 4]) -> Value {
    json!({"baseColorFactor": colour, "metallicFactor": 0.0, "roughnessFactor": 0.7})
}

/// The whole file.
///
/// # Errors
/// A mesh beyond what its 32 bits count.
pub(crate) fn document(mesh: &Mesh, map: ColourMap, record: &Record) -> anyhow::Result<Vec<u8>> {
    let mut arrays = Arrays::default();
    let places = arrays.vectors(&mesh.points, true);
    let normals = arrays.vectors(&mesh.normals, false);
    let mut colours: Vec<u8> = Vec::with_capacity(4 * mesh.points.len());
    for colour in mesh.colours(map) {
        colours.extend(colour.0.map(linear));
        colours.push(255);
    }
    let rgba = json!({
        "componentType": U8, "normalized": true, "type": "VEC4", "count": mesh.points.len()
    });
    let colours = arrays.add(&colours, ARRAY, rgba);
    let corners = arrays.indices(mesh.triangles().flatten().map(|corner| corner as u32));

    let attributes = json!({"POSITION": places, "NORMAL": normals, "COLOR_0": colours});
    let surface = json!({"attributes": attributes, "indices": corners, "material": 0});
    let mut meshes = vec![json!({"primitives": [surface], "name": "surface"})];
    let mut nodes = vec![json!({"mesh": 0, "name": "surface"})];
    for (k, line) in mesh.lines.iter().enumerate() {
        let places = arrays.vectors(&line.points, true);
        let name = format!("trajectory-{}", k + 1);
        // pairs of points: not every reader knows strips
        let pairs = (1..line.points.len() as u32).flat_map(|point| [point - 1, point]);
        let line = json!({
            "attributes": {"POSITION": places},
            "indices": arrays.indices(pairs),
            "mode": LINES,
            "material": 1
        });
        nodes.push(json!({"mesh": meshes.len(), "name": name}));
        meshes.push(json!({"primitives": [line], "name": name}));
    }
    let description = json!({
        "asset": {"version": "2.0", "generator": record.created_by, "extras": record},
        "scene": 0,
        "scenes": [{"nodes": (0..nodes.len()).collect::<Vec<_>>()}],
        "nodes": nodes,
        "meshes": meshes,
        "materials": [
            {"pbrMetallicRoughness": matte([1.0; 4]), "doubleSided": true},
            {"pbrMetallicRoughness": matte([0.58, 0.005, 0.027, 1.0])}
        ],
        "accessors": arrays.accessors,
        "bufferViews": arrays.views,
        "buffers": [{"byteLength": arrays.bytes.len()}],
    });
    let mut text = description.to_string().into_bytes();
    text.resize(text.len().next_multiple_of(4), b' ');
    let length = u32::try_from(12 + 8 + text.len() + 8 + arrays.bytes.len());
    let Ok(length) = length else {
        anyhow::bail!("the mesh is too large for a .glb: a smaller --interp, or .vtp")
    };
    let mut bytes = Vec::with_capacity(length as usize);
    for part in [&b"glTF"[..], &2u32.to_le_bytes(), &length.to_le_bytes()] {
        bytes.extend(part);
    }
    for (kind, chunk) in [(b"JSON", text), (b"BIN\0", arrays.bytes)] {
        bytes.extend((chunk.len() as u32).to_le_bytes());
        bytes.extend(kind);
        bytes.extend(chunk);
    }
    Ok(bytes)
}
