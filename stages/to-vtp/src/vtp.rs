//! VTK's XML PolyData with appended raw data in zlib blocks (*VTK File Formats*): what ParaView itself writes.

use std::fmt::Write as _;
use std::io::Write;

use flate2::{Compression, write::ZlibEncoder};
use provenance::Record;

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
        let header = [blocks.len(), BLOCK, bytes.len() % BLOCK]
            .into_iter()
            .chain(blocks.iter().map(Vec::len));
        self.0
            .extend(header.flat_map(|number| (number as u64).to_le_bytes()));
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
        let name = name
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('"', "&quot;");
        Ok(format!(
            "        <DataArray type=\"{kind}\" Name=\"{name}\" NumberOfComponents=\"{components}\" format=\"appended\" offset=\"{offset}\"/>\n"
        ))
    }

    fn reals<'a>(
        &mut self,
        name: &str,
        values: impl Iterator<Item = &'a f64>,
    ) -> anyhow::Result<String> {
        self.array("Float64", name, 1, values.copied(), f64::to_le_bytes)
    }

    fn vectors<'a>(
        &mut self,
        name: &str,
        values: impl Iterator<Item = &'a [f32; 3]>,
    ) -> anyhow::Result<String> {
        self.array(
            "Float32",
            name,
            3,
            values.flatten().copied(),
            f32::to_le_bytes,
        )
    }

    /// Cells: the points of all, and where each ends.
    fn cells(
        &mut self,
        points: impl Iterator<Item = i64>,
        ends: impl Iterator<Item = i64>,
    ) -> anyhow::Result<String> {
        let points = self.array("Int64", "connectivity", 1, points, i64::to_le_bytes)?;
        Ok(points + &self.array("Int64", "offsets", 1, ends, i64::to_le_bytes)?)
    }
}

/// The whole file. Points of lines follow those of the grid.
pub(crate) fn document(mesh: &Mesh, record: &Record) -> anyhow::Result<Vec<u8>> {
    let mut data = Appended(Vec::new());
    let lines = || mesh.lines.iter();
    let heights = mesh
        .heights
        .iter()
        .chain(lines().flat_map(|line| &line.heights));
    let mut point_data = data.reals("zvalue", heights)?;
    for (name, values) in &mesh.metrics {
        let along = lines()
            .flat_map(|line| &line.nearest)
            .map(|point| &values[*point]);
        point_data += &data.reals(name, values.iter().chain(along))?;
    }
    let along = lines()
        .flat_map(|line| &line.nearest)
        .map(|point| &mesh.normals[*point]);
    point_data += &data.vectors("Normals", mesh.normals.iter().chain(along))?;
    // cells: lines first, then polygons, which is VTK's order
    let means = lines().map(|line| line.heights.iter().sum::<f64>() / line.heights.len() as f64);
    let means: Vec<f64> = means.chain(mesh.averages.iter().copied()).collect();
    let cell_data = data.reals("averaged zvalue", means.iter())?;
    let points = data.vectors(
        "Points",
        mesh.points
            .iter()
            .chain(lines().flat_map(|line| &line.points)),
    )?;
    let corners = mesh.quads.iter().flatten().map(|corner| *corner as i64);
    let polygons = data.cells(corners, (1..=mesh.quads.len()).map(|quad| 4 * quad as i64))?;
    let ends = lines().scan(0, |end, line| {
        *end += line.points.len() as i64;
        Some(*end)
    });
    let (ends, first) = (ends.collect::<Vec<_>>(), mesh.points.len() as i64);
    let last = ends.last().copied().unwrap_or(0);
    let paths = data.cells(first..first + last, ends.iter().copied())?;

    let (count, quads, strips) = (first + last, mesh.quads.len(), mesh.lines.len());
    let about = provenance::xml_comment(record);
    let mut text = String::new();
    write!(
        text,
        r#"<?xml version="1.0"?>
{about}
<VTKFile type="PolyData" version="1.0" byte_order="LittleEndian" header_type="UInt64" compressor="vtkZLibDataCompressor">
  <PolyData>
    <Piece NumberOfPoints="{count}" NumberOfVerts="0" NumberOfLines="{strips}" NumberOfStrips="0" NumberOfPolys="{quads}">
      <PointData Scalars="zvalue" Normals="Normals">
{point_data}      </PointData>
      <CellData Scalars="averaged zvalue">
{cell_data}      </CellData>
      <Points>
{points}      </Points>
      <Lines>
{paths}      </Lines>
      <Polys>
{polygons}      </Polys>
    </Piece>
  </PolyData>
  <AppendedData encoding="raw">
_"#
    )?;
    Ok([
        text.as_bytes(),
        &data.0,
        b"\n  </AppendedData>\n</VTKFile>\n",
    ]
    .concat())
}
