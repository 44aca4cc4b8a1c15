//! Whether data stay in memory.

use std::{
    fs,
    path::{Path, PathBuf},
    str::FromStr,
};

/// A number of bytes, such as `800M` or `16G`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bytes(pub(crate) u64);

impl FromStr for Bytes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
        let shift = match &text[digits.len()..] {
            "" => 0,
            "K" => 10,
            "M" => 20,
            "G" => 30,
            "T" => 40,
            unit => return Err(format!("\"{unit}\" is no unit: K, M, G, T")),
        };
        let number: f64 = digits
            .parse()
            .map_err(|_| format!("\"{text}\" is no size: 800M, 16G, …"))?;
        Ok(Self((number * (1u64 << shift) as f64) as u64))
    }
}

/// Half of the memory that is free.
pub(crate) fn half_of_free() -> Bytes {
    Bytes(free().0 / 2)
}

/// The memory that is free on this machine, and that the cgroups of this job (Slurm's, a container's) allow.
pub(crate) fn free() -> Bytes {
    let read = |path: &Path| fs::read_to_string(path).ok();
    let meminfo = read(Path::new("/proc/meminfo")).unwrap_or_default();
    let groups = read(Path::new("/proc/self/cgroup")).unwrap_or_default();
    let limits = groups
        .lines()
        .filter_map(limit_files)
        .flatten()
        .filter_map(|file| read(&file)?.trim().parse().ok());
    Bytes(limits.chain(available(&meminfo)).min().unwrap_or(u64::MAX))
}

/// From `/proc/meminfo`, in bytes.
fn available(meminfo: &str) -> Option<u64> {
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? << 10)
}

/// The files that may limit the memory of a line of `/proc/self/cgroup`: that of the group and of those around it.
fn limit_files(line: &str) -> Option<Vec<PathBuf>> {
    let mut parts = line.splitn(3, ':').skip(1);
    let (controllers, group) = (parts.next()?, parts.next()?);
    let (root, file) = match controllers {
        "" => ("/sys/fs/cgroup", "memory.max"),
        "memory" => ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"),
        _ => return None,
    };
    Some(
        Path::new(group)
            .ancestors()
            .map(|group| {
                let inside = group.strip_prefix("/").unwrap_or(group);
                Path::new(root).join(inside).join(file)
            })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        assert_eq!("16G".parse(), Ok(Bytes(16 << 30)));
        assert_eq!("1.5K".parse(), Ok(Bytes(1536)));
        assert_eq!("0".parse(), Ok(Bytes(0)));
        assert!("G".parse::<Bytes>().is_err() && "3X".parse::<Bytes>().is_err());
    }

    #[test]
    fn limits_are_those_of_the_group_and_of_those_around_it() {
        let files = |line| {
            limit_files(line).map(|files| {
                files
                    .iter()
                    .map(|file| file.display().to_string())
                    .collect::<Vec<_>>()
            })
        };
        let both = [
            "/sys/fs/cgroup/slurm/job_7/memory.max",
            "/sys/fs/cgroup/slurm/memory.max",
            "/sys/fs/cgroup/memory.max",
        ];
        assert_eq!(files("0::/slurm/job_7").unwrap(), both);
        assert_eq!(
            files("4:memory:/a").unwrap()[0],
            "/sys/fs/cgroup/memory/a/memory.limit_in_bytes"
        );
        assert_eq!(files("3:cpuset:/"), None);
        assert_eq!(
            available("MemTotal: 9 kB\nMemAvailable:   8 kB\n"),
            Some(8192)
        );
    }
}
