//! How much memory is free, and sizes as people write them.

use std::{
    fs,
    path::{Path, PathBuf},
    str::FromStr,
};

/// A number of bytes, such as `800M` or `16G`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bytes(pub u64);

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
            _ => return Err(invalid(text)),
        };
        let number: f64 = digits.parse().map_err(|_| invalid(text))?;
        Ok(Self((number * (1u64 << shift) as f64) as u64))
    }
}

fn invalid(text: &str) -> String {
    format!("invalid size \"{text}\": use a number with K, M, G or T, such as 800M")
}

/// The memory that is free, in bytes: on this machine, and as the cgroups of this job (Slurm's, a
/// container's) allow.
pub fn free_memory() -> u64 {
    let mut free = available(&read(Path::new("/proc/meminfo"))).unwrap_or(u64::MAX);
    for line in read(Path::new("/proc/self/cgroup")).lines() {
        for file in limit_files(line) {
            if let Ok(limit) = read(&file).trim().parse() {
                free = free.min(limit);
            }
        }
    }
    free
}

/// A file of the kernel; empty where it is not there.
fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// From `/proc/meminfo`, in bytes.
fn available(meminfo: &str) -> Option<u64> {
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? << 10)
}

/// The files that may limit the memory of a line of `/proc/self/cgroup`: that of the group and of
/// those around it.
fn limit_files(line: &str) -> Vec<PathBuf> {
    let mut parts = line.splitn(3, ':').skip(1);
    let (Some(controllers), Some(group)) = (parts.next(), parts.next()) else {
        return Vec::new();
    };
    let (root, file) = match controllers {
        "" => ("/sys/fs/cgroup", "memory.max"),
        "memory" => ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"),
        _ => return Vec::new(),
    };
    let mut files = Vec::new();
    for group in Path::new(group).ancestors() {
        let inside = group.strip_prefix("/").unwrap_or(group);
        files.push(Path::new(root).join(inside).join(file));
    }
    files
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
        let both = [
            "/sys/fs/cgroup/slurm/job_7/memory.max",
            "/sys/fs/cgroup/slurm/memory.max",
            "/sys/fs/cgroup/memory.max",
        ];
        assert_eq!(limit_files("0::/slurm/job_7"), both.map(PathBuf::from));
        assert_eq!(
            limit_files("4:memory:/a")[0],
            Path::new("/sys/fs/cgroup/memory/a/memory.limit_in_bytes")
        );
        assert!(limit_files("3:cpuset:/").is_empty());
        assert_eq!(
            available("MemTotal: 9 kB\nMemAvailable:   8 kB\n"),
            Some(8192)
        );
    }
}
