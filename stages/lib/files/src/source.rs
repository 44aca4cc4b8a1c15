use std::{
    collections::BTreeMap,
    fs::{self, File},
    os::unix::fs::MetadataExt,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use hdf5_reader::{
    Dataset, ExternalFileResolver, ExternalLinkResolver, FileStorage, Hdf5File, OpenOptions,
    RawAttribute,
    error::{Error, Result},
    group::Group,
    storage::DynStorage,
};

/// Groups within groups; the contract has two.
const DEEPEST: usize = 8;
/// The fewest bytes that an object and the link to it take in a file.
const OBJECT: u64 = 16;
/// What a file may always unfold to, in bytes.
const ALWAYS: u64 = 64 << 20;
/// How many times its own size a file may unfold to: numbers that were measured compress far less.
const UNFOLDED: u64 = 100;
/// Decompressed chunks that are kept, in bytes.
const CHUNK_CACHE: usize = 16 << 20;
/// The type that HDF5 gives the layout of a virtual dataset.
const VIRTUAL: u8 = 3;

/// An HDF5 file that is open for reading, with all that is in it listed.
///
/// It is read by a library in Rust, since a damaged file makes libhdf5 read and write memory that
/// is not its own.
pub(crate) struct Source {
    root: Group,
    datasets: BTreeMap<String, Dataset>,
    file: File,
    stamp: Stamp,
    /// Bytes that were read as whole values.
    unfolded: AtomicU64,
}

/// What a change of a file changes: its size, and when it was changed.
#[derive(PartialEq, Eq)]
struct Stamp {
    size: u64,
    changed: (i64, i64),
}

impl Source {
    /// Opens a file and lists its datasets.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        // asked before it is opened: opening a pipe waits for someone who writes to it
        if !fs::metadata(path)?.is_file() {
            return Err(Error::Other("it is not a regular file".into()));
        }
        let file = File::open(path)?;
        let stamp = Stamp::of(&file)?;
        let most = usize::try_from(Self::limit(stamp.size)).unwrap_or(usize::MAX);
        let options = OpenOptions::default()
            .with_chunk_cache_bytes(CHUNK_CACHE)
            .with_max_read_bytes(most)
            .with_max_chunk_bytes(most)
            .with_external_file_resolver(Arc::new(NoOtherFile))
            .with_external_link_resolver(Arc::new(NoOtherFile));
        let storage = FileStorage::from_file(file.try_clone()?)?;
        let root = Hdf5File::from_storage_with_options(Arc::new(storage), options)?.root_group()?;
        let mut source = Self {
            datasets: BTreeMap::new(),
            file,
            stamp,
            unfolded: AtomicU64::new(0),
            root,
        };
        let mut left = source.stamp.size / OBJECT;
        let root = source.root.clone();
        source.list(&root, "", 0, &mut left)?;
        Ok(source)
    }

    /// What a file of a size may unfold to, in bytes.
    fn limit(size: u64) -> u64 {
        ALWAYS.max(size.saturating_mul(UNFOLDED))
    }

    /// Lists the datasets of a group and of those in it. Links to groups can lead in circles, so
    /// their number is limited.
    fn list(&mut self, group: &Group, path: &str, depth: usize, left: &mut u64) -> Result<()> {
        if depth > DEEPEST {
            let what = format!("\"{path}\" lies more than {DEEPEST} groups deep");
            return Err(Error::Other(what));
        }
        let (groups, datasets) = group.members().map_err(|error| explained(error, path))?;
        let members = (groups.len() + datasets.len()) as u64;
        *left = left
            .checked_sub(members)
            .ok_or_else(|| Error::Other("it lists more objects than it has room for".into()))?;
        for dataset in datasets {
            self.datasets.insert(inside(path, dataset.name())?, dataset);
        }
        for group in groups {
            let path = inside(path, group.name())?;
            self.list(&group, &path, depth + 1, left)?;
        }
        Ok(())
    }

    /// The attributes of the root.
    pub(crate) fn attributes(&self) -> Result<Vec<RawAttribute>> {
        self.root.raw_attributes()
    }

    /// A dataset by its path, such as `/state/fc.weight`.
    pub(crate) fn dataset(&self, path: &str) -> Option<&Dataset> {
        self.datasets.get(path)
    }

    /// Names of the datasets in a group, sorted.
    pub(crate) fn members(&self, group: &str) -> Vec<String> {
        let prefix = format!("{}/", group.trim_end_matches('/'));
        let mut names = Vec::new();
        for path in self.datasets.keys() {
            let Some(inner) = path.strip_prefix(&prefix) else {
                continue;
            };
            let name = inner.split('/').next().unwrap_or(inner);
            names.push(name.to_string());
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The bytes that a reference to a text of variable length takes.
    pub(crate) fn reference_size(&self) -> usize {
        // its length, the address of a heap and the place in it
        4 + usize::from(self.root.offset_size()) + 4
    }

    /// The text that a reference of variable length leads to, as bytes.
    pub(crate) fn referenced(&self, reference: &[u8]) -> Result<Vec<u8>> {
        self.root.resolve_vlen_reference_bytes(reference, 1)
    }

    /// Takes note of memory that a value will need, and refuses what a file of this size cannot
    /// hold honestly.
    pub(crate) fn unfold(&self, bytes: u64) -> Result<()> {
        let before = self.unfolded.fetch_add(bytes, Ordering::Relaxed);
        self.check_size(before.saturating_add(bytes))
    }

    /// Refuses more bytes than a file of this size can hold honestly.
    pub(crate) fn check_size(&self, bytes: u64) -> Result<()> {
        if bytes <= Self::limit(self.stamp.size) {
            return Ok(());
        }
        Err(Error::Other(format!(
            "the values take more than {UNFOLDED} times the size of the file, {} bytes: write it \
             with \
             less compression",
            self.stamp.size
        )))
    }

    /// Checks that nobody wrote to the file since it was opened.
    pub(crate) fn check_unchanged(&self) -> Result<()> {
        if Stamp::of(&self.file)? == self.stamp {
            return Ok(());
        }
        Err(Error::Other("it was changed while it was read".into()))
    }
}

impl Stamp {
    fn of(file: &File) -> std::io::Result<Self> {
        let status = file.metadata()?;
        Ok(Self {
            size: status.len(),
            // not the time of modification, which programs can set
            changed: (status.ctime(), status.ctime_nsec()),
        })
    }
}

/// The path of a member of a group. The id of a file is made of lines with such paths, which a name
/// must not imitate.
fn inside(group: &str, name: &str) -> Result<String> {
    if name.contains(char::is_control) {
        let what =
            format!("\"{group}\" has a member with control characters in its name, {name:?}");
        return Err(Error::Other(what));
    }
    Ok(format!("{group}/{name}"))
}

/// Says in our words why the members of a group cannot be listed.
fn explained(error: Error, group: &str) -> Error {
    match error {
        Error::Context { path, source } if is_virtual(&source) => {
            // the library says: child 'NAME' at ADDRESS
            let name = path.split('\'').nth(1).unwrap_or(&path);
            Error::Other(format!(
                "\"{group}/{name}\" has its values in other datasets (a virtual dataset)"
            ))
        }
        Error::Other(what) => Error::Other(what),
        error => error.with_context(if group.is_empty() { "/" } else { group }),
    }
}

fn is_virtual(error: &Error) -> bool {
    match error {
        Error::Context { source, .. } => is_virtual(source),
        Error::UnsupportedLayoutClass(class) => *class == VIRTUAL,
        _ => false,
    }
}

/// Refuses what lies in other files: a file from a stranger could name any.
struct NoOtherFile;

impl ExternalFileResolver for NoOtherFile {
    fn resolve_external_file(&self, name: &str) -> Result<Option<DynStorage>> {
        let what = format!("it has values in another file, \"{name}\" (external storage)");
        Err(Error::Other(what))
    }
}

impl ExternalLinkResolver for NoOtherFile {
    fn resolve_external_link(&self, name: &str) -> Result<Option<Hdf5File>> {
        let what = format!("there is a link to another file, \"{name}\"");
        Err(Error::Other(what))
    }
}
