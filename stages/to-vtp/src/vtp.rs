//! VTK's XML PolyData with appended raw data in zlib blocks (*VTK File Formats*): what ParaView itself writes.

use std::fmt::Write as _;
use std::io::Write;

use flate2::{Compression, write::ZlibEncoder};

use crate::mesh::Mesh;

/// Size of a block before compression, VTK's own.
const BLOCK: usize = 1 << 15;

/// The data section, and where each array of it begins.
struct Appended(Vec<u8>);

impl Appended {
    /// Adds an array: number of blocks, their size, that of a last partial one (0: it is full), compressed sizes, blocks.
    fn add(&mut self, bytes: &[u8]) -> anyhow::Result<usize> {
        let offset = self.0.len();
        let mut blocks = Vec::new();
        for block in bytes.chunks(BLOCK) {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(block)?;
            blocks.push(encoder.finish()?);
        }
        let header = [blocks.len(), BLOCK, bytes.len() % BLOCK].into_iter().chain(blocks.iter().map(Vec::len));
        self.0.extend(header.flat_map(|number| (number as u64).to_le_bytes()));
        self.0.extend(blocks.concat());
        Ok(offset)
    }

    /// Adds an array and returns the element that describes it.
    fn array<T: Copy, const N: usize>(
        &mut self,
        kind: &str,
        name: &str,
        components: usize,
        values: impl Iterator<Item = T>,
        bytes: fn(T) -> [u8; N],
    ) -> anyhow::Result<String> {
        let offset = self.add(&values.flat_map(bytes).collect::<Vec<u8>>())?;
        let name = name.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
        Ok(format!(
            "        <DataArray type=\"{kind}\" Name=\"{name}\" NumberOfComponents=\"{components}\" format=\"appended\" offset=\"{offset}\"/>\n"
        ))
    }

    fn reals(&mut self, name: &str, values: &[f64]) -> anyhow::Result<String> {
        self.array("Float64", name, 1, values.iter().copied(), f64::to_le_bytes)
    }

    fn vectors(&mut self, name: &str, values: &[[f32; 3]]) -> anyhow::Result<String> {
        self.array("Float32", name, 3, values.iter().flatten().copied(), f32::to_le_bytes)
    }
}

/// The whole file.
pub(crate) fn document(mesh: &Mesh) -> anyhow::Result<Vec<u8>> {
    let mut data = Appended(Vec::new());
    let mut point_data = data.reals("zvalue", &mesh.heights)?;
    for (name, values) in &mesh.metrics {
        point_data += &data.reals(name, values)?;
    }
    point_data += &data.vectors("Normals", &mesh.normals)?;
    let cell_data = data.reals("averaged zvalue", &mesh.averages)?;
    let points = data.vectors("Points", &mesh.points)?;
    let corners = mesh.quads.iter().flatten().map(|corner| *corner as i64);
    let mut polygons = data.array("Int64", "connectivity", 1, corners, i64::to_le_bytes)?;
    let ends = (1..=mesh.quads.len()).map(|quad| 4 * quad as i64);
    polygons += &data.array("Int64", "offsets", 1, ends, i64::to_le_bytes)?;

    let (count, quads) = (mesh.points.len(), mesh.quads.len());
    let mut text = String::new();
    write!(
        text,
        r#"<?xml version="1.0"?>
<VTKFile type="PolyData" version="1.0" byte_order="LittleEndian" header_type="UInt64" compressor="vtkZLibDataCompressor">
  <PolyData>
    <Piece NumberOfPoints="{count}" NumberOfVerts="0" NumberOfLines="0" NumberOfStrips="0" NumberOfPolys="{quads}">
      <PointData Scalars="zvalue" Normals="Normals">
{point_data}      </PointData>
      <CellData Scalars="averaged zvalue">
{cell_data}      </CellData>
      <Points>
{points}      </Points>
      <Polys>
{polygons}      </Polys>
    </Piece>
  </PolyData>
  <AppendedData encoding="raw">
_"#
    )?;
    Ok([text.as_bytes(), &data.0, b"\n  </AppendedData>\n</VTKFile>\n"].concat())
}
