//! VTK's XML PolyData with appended raw data in zlib blocks (*VTK File Formats*): what ParaView
//! itself writes.

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
    /// Adds an array: number of blocks, their size, that of a last partial one (0: it is full),
    /// compressed sizes, blocks.
    fn add(&mut self, bytes: &[u8]) -> anyhow::Result<usize> {
        let offset = self.0.len();
        let mut blocks = Vec::new();
        for block in bytes.chunks(BLOCK) {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(block)?;
            blocks.push(encoder.finish()?);
        }
        let mut header = vec![blocks.len(), BLOCK, bytes.len() % BLOCK];
        header.extend(blocks.iter().map(Vec::len));
        for number in header {
            self.0.extend((number as u64).to_le_bytes());
        }
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
            "        <DataArray type=\"{kind}\" Name=\"{name}\" \
             NumberOfComponents=\"{components}\" format=\"appended\" offset=\"{offset}\"/>\n"
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

/// All lines one after another, as the arrays of a file hold them.
#[derive(Default)]
struct Lines {
    points: Vec<[f32; 3]>,
    heights: Vec<f64>,
    /// The nearest grid point of each point.
    nearest: Vec<usize>,
    /// Mean height of each line.
    means: Vec<f64>,
    /// Number of points up to the end of each line.
    ends: Vec<i64>,
}

impl Lines {
    fn new(mesh: &Mesh) -> Self {
        let mut all = Self::default();
        for line in &mesh.lines {
            all.points.extend(&line.points);
            all.heights.extend(&line.heights);
            all.nearest.extend(&line.nearest);
            let sum: f64 = line.heights.iter().sum();
            all.means.push(sum / line.heights.len() as f64);
            all.ends.push(all.points.len() as i64);
        }
        all
    }
}

/// The whole file. Points of lines follow those of the grid.
pub(crate) fn document(mesh: &Mesh, record: &Record) -> anyhow::Result<Vec<u8>> {
    let mut data = Appended(Vec::new());
    let on_lines = Lines::new(mesh);
    let heights = mesh.heights.iter().chain(&on_lines.heights);
    let mut point_data = data.reals("zvalue", heights)?;
    for (name, values) in &mesh.metrics {
        let nearest = on_lines.nearest.iter().map(|point| &values[*point]);
        point_data += &data.reals(name, values.iter().chain(nearest))?;
    }
    let nearest = on_lines.nearest.iter().map(|point| &mesh.normals[*point]);
    point_data += &data.vectors("Normals", mesh.normals.iter().chain(nearest))?;
    // cells: lines first, then polygons, which is VTK's order
    let means = on_lines.means.iter().chain(&mesh.averages);
    let cell_data = data.reals("averaged zvalue", means)?;
    let points = data.vectors("Points", mesh.points.iter().chain(&on_lines.points))?;
    let corners = mesh.quads.iter().flatten().map(|corner| *corner as i64);
    let polygons = data.cells(corners, (1..=mesh.quads.len()).map(|quad| 4 * quad as i64))?;
    let first = mesh.points.len() as i64;
    let count = first + on_lines.points.len() as i64;
    let paths = data.cells(first..count, on_lines.ends.iter().copied())?;

    let (quads, strips) = (mesh.quads.len(), mesh.lines.len());
    let file = "<VTKFile type=\"PolyData\" version=\"1.0\" byte_order=\"LittleEndian\" \
                header_type=\"UInt64\" compressor=\"vtkZLibDataCompressor\">";
    let piece = format!(
        "<Piece NumberOfPoints=\"{count}\" NumberOfVerts=\"0\" NumberOfLines=\"{strips}\" \
         NumberOfStrips=\"0\" NumberOfPolys=\"{quads}\">"
    );
    let about = provenance::xml_comment(record);
    let mut text = String::new();
    write!(
        text,
        r#"<?xml version="1.0"?>
{about}
{file}
  <PolyData>
    {piece}
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
