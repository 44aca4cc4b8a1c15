use std::{
    collections::HashMap,
    fs::{self, File},
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use anyhow::Context;
use crc32fast::Hasher;
use files::Target;
use stage::Output;

use crate::{Journal, Kept, journal::beside};

/// What the name of such a file has behind that of the output, before the number of the point.
const END: &str = ".state-";
/// What the name of a file of vectors has behind that, before their generation.
const VECTORS: &str = ".vectors-";
/// Bytes of the check at the end of a file and of each vector.
const CHECK: usize = 4;
/// Bytes of a number: before the check, the generation and the number of vectors; before each
/// vector, its length.
const NUMBER: usize = 8;

/// `OUTPUT.state-POINT`: what a point knows between two passes, each in a file of its own that is
/// replaced whole. Its vectors lie in `OUTPUT.state-POINT.vectors-GENERATION`, to which passes add
/// before they replace the file that counts them. The check at the end of a file, and of each
/// vector, binds it to the settings of the journal.
pub struct States {
    output: Output,
    check: Hasher,
    /// The files of each point that has any.
    points: HashMap<usize, Vec<PathBuf>>,
}

impl States {
    /// Those beside an output, whose settings are those of the journal.
    pub fn find(output: &Output, journal: &Journal) -> Self {
        let mut states = Self {
            output: output.clone(),
            check: journal.check().clone(),
            points: HashMap::new(),
        };
        let folder = output.output.parent();
        let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
        // in a folder that cannot be listed no state is found, and points start anew
        if let Ok(paths) = files::entries_of(folder.unwrap_or(Path::new("."))) {
            for path in paths.flatten() {
                if let (Some(point), Some(name)) = (states.point_of(&path), path.file_name()) {
                    // as the paths that are written
                    states.note(point, output.output.with_file_name(name));
                }
            }
        }
        // a run may have been killed between a point's values and the end of its state
        let points: Vec<usize> = states.points.keys().copied().collect();
        for point in points {
            if journal.has(point) {
                states.remove(point);
            }
        }
        states
    }

    /// How many points were begun and not finished.
    pub fn begun(&self) -> usize {
        let mut begun = 0;
        for (point, files) in &self.points {
            begun += usize::from(files.contains(&self.path(*point)));
        }
        begun
    }

    /// What is kept of a point. Damaged files, or those of other settings, are none: the point
    /// starts anew.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn read(&self, point: usize) -> anyhow::Result<Option<Kept>> {
        let path = self.path(point);
        let files = self.points.get(&point);
        if !files.is_some_and(|files| files.contains(&path)) {
            return Ok(None);
        }
        let kept = self.kept(point, &path);
        let kept = kept.with_context(|| path.display().to_string())?;
        if kept.is_none() {
            stage::tell(format_args!(
                "warning: {} is damaged, or of other settings: point {point} starts anew",
                path.display()
            ));
        }
        Ok(kept)
    }

    fn kept(&self, point: usize, path: &Path) -> io::Result<Option<Kept>> {
        let bytes = fs::read(stage::regular(path)?)?;
        let Some((state, check)) = bytes.split_last_chunk::<CHECK>() else {
            return Ok(None);
        };
        if *check != self.checked(state) {
            return Ok(None);
        }
        let Some((rest, count)) = state.split_last_chunk::<NUMBER>() else {
            return Ok(None);
        };
        let Some((rest, generation)) = rest.split_last_chunk::<NUMBER>() else {
            return Ok(None);
        };
        let generation = u64::from_le_bytes(*generation);
        let vectors = self.vectors(point, generation, u64::from_le_bytes(*count))?;
        Ok(vectors.map(|vectors| Kept {
            rest: rest.to_vec(),
            generation,
            first: 0,
            vectors,
        }))
    }

    /// The first `count` vectors of a generation; `None` where they are damaged.
    fn vectors(
        &self,
        point: usize,
        generation: u64,
        count: u64,
    ) -> io::Result<Option<Vec<Vec<u8>>>> {
        let mut vectors = Vec::new();
        if count == 0 {
            return Ok(Some(vectors));
        }
        let path = self.vectors_path(point, generation);
        let file = match stage::regular(&path).and_then(File::open) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        let size = file.metadata()?.len();
        let mut at = 0;
        for _ in 0..count {
            let mut length = [0; NUMBER];
            if at + NUMBER as u64 > size {
                return Ok(None);
            }
            file.read_exact_at(&mut length, at)?;
            at += NUMBER as u64;
            let length = u64::from_le_bytes(length);
            let left = (size - at).checked_sub(CHECK as u64);
            if left.is_none_or(|left| left < length) {
                return Ok(None);
            }
            let mut vector = vec![0; length as usize];
            file.read_exact_at(&mut vector, at)?;
            at += length;
            let mut check = [0; CHECK];
            file.read_exact_at(&mut check, at)?;
            at += CHECK as u64;
            if check != self.checked(&vector) {
                return Ok(None);
            }
            vectors.push(vector);
        }
        Ok(Some(vectors))
    }

    /// Keeps what a pass added: when it returns, it is on disk.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn write(&mut self, point: usize, added: &Kept) -> anyhow::Result<()> {
        if !added.vectors.is_empty() {
            let path = self.vectors_path(point, added.generation);
            self.add_vectors(&path, added)
                .with_context(|| path.display().to_string())?;
            self.note(point, path);
        }
        let count = added.first + added.vectors.len();
        let mut bytes = added.rest.clone();
        bytes.extend(added.generation.to_le_bytes());
        bytes.extend((count as u64).to_le_bytes());
        bytes.extend(self.checked(&bytes));
        let path = self.path(point);
        Target::new(&path, true).publish(&bytes)?;
        self.note(point, path);
        self.forget_others(point, added.generation);
        Ok(())
    }

    /// Writes vectors behind those that come before them, over what a run that was killed left
    /// there.
    fn add_vectors(&self, path: &Path, added: &Kept) -> io::Result<()> {
        let is_first = added.first == 0;
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(is_first)
            .open(path)?;
        let mut at = 0;
        for _ in 0..added.first {
            let mut length = [0; NUMBER];
            file.read_exact_at(&mut length, at)?;
            at += u64::from_le_bytes(length) + (NUMBER + CHECK) as u64;
        }
        for vector in &added.vectors {
            let length = (vector.len() as u64).to_le_bytes();
            let record = [&length[..], vector, &self.checked(vector)].concat();
            file.write_all_at(&record, at)?;
            at += record.len() as u64;
        }
        file.set_len(at)?;
        file.sync_all()
    }

    /// Removes what is kept of a point, if anything is.
    pub fn remove(&mut self, point: usize) {
        for path in self.points.remove(&point).unwrap_or_default() {
            // what is left of it is known as old: the point is in the journal
            let _ = fs::remove_file(path);
        }
    }

    /// Removes vectors of other generations: the state does not count them any more.
    fn forget_others(&mut self, point: usize, generation: u64) {
        let current = [self.path(point), self.vectors_path(point, generation)];
        if let Some(files) = self.points.get_mut(&point) {
            files.retain(|path| {
                let stays = current.contains(path);
                if !stays {
                    let _ = fs::remove_file(path);
                }
                stays
            });
        }
    }

    fn note(&mut self, point: usize, path: PathBuf) {
        let files = self.points.entry(point).or_default();
        if !files.contains(&path) {
            files.push(path);
        }
    }

    /// The point that a file of this name belongs to.
    fn point_of(&self, path: &Path) -> Option<usize> {
        let output = self.output.output.file_name()?.to_str()?;
        let end = path.file_name()?.to_str()?.strip_prefix(output)?;
        let end = end.strip_prefix(END)?;
        match end.split_once(VECTORS) {
            Some((point, generation)) => {
                generation.parse::<u64>().ok()?;
                point.parse().ok()
            }
            None => end.parse().ok(),
        }
    }

    fn path(&self, point: usize) -> PathBuf {
        beside(&self.output, &format!("{END}{point}"))
    }

    fn vectors_path(&self, point: usize, generation: u64) -> PathBuf {
        beside(&self.output, &format!("{END}{point}{VECTORS}{generation}"))
    }

    fn checked(&self, state: &[u8]) -> [u8; CHECK] {
        let mut check = self.check.clone();
        check.update(state);
        check.finalize().to_le_bytes()
    }
}
