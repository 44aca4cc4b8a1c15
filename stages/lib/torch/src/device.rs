use std::{env, fmt, str::FromStr};

use crate::{Error, run};

pub use tch::Device;

/// What a history calls a device, `cpu` or `cuda`: their last bits differ.
pub fn device_name(device: Device) -> &'static str {
    match device {
        Device::Cuda(_) => "cuda",
        Device::Cpu | Device::Mps | Device::Vulkan => "cpu",
    }
}

/// A device as people ask for it: `auto`, `cpu`, `cuda` or `cuda:k`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceChoice {
    /// A GPU where there is one, else the CPU.
    Auto,
    /// The CPU.
    Cpu,
    /// This GPU, or that of this process: under MPI or Slurm the processes of a node take its GPUs
    /// in turn.
    Cuda(Option<usize>),
}

impl DeviceChoice {
    /// The device itself. libtorch's CUDA part is loaded only now: the linker drops it, and the CPU
    /// does not need it.
    ///
    /// # Errors
    /// This libtorch has no CUDA part, or there is no such GPU or no driver.
    pub fn resolve(self) -> Result<Device, Error> {
        match self {
            Self::Cpu => Ok(Device::Cpu),
            Self::Auto => Ok(match load_cuda().map(|()| gpus()) {
                Ok(count @ 1..) => Device::Cuda(local_rank() % count),
                Ok(0) | Err(_) => Device::Cpu,
            }),
            Self::Cuda(index) => self.gpu(index),
        }
    }

    /// This GPU, or that of this process.
    fn gpu(self, index: Option<usize>) -> Result<Device, Error> {
        load_cuda().map_err(|why| {
            self.unusable(format!(
                "the libtorch of this build has no CUDA part: \
                 build with a LIBTORCH that has one ({why})"
            ))
        })?;
        let count = gpus();
        let index = index.unwrap_or_else(|| local_rank() % count.max(1));
        if index >= count {
            return Err(self.unusable(format!(
                "libtorch finds {count} GPUs: check the driver and CUDA_VISIBLE_DEVICES"
            )));
        }
        Ok(Device::Cuda(index))
    }

    fn unusable(self, why: String) -> Error {
        let device = self.to_string();
        Error::Device { device, why }
    }
}

/// The GPUs that this process sees.
fn gpus() -> usize {
    tch::Cuda::device_count().max(0) as usize
}

/// The number of this process among those of its node, as Open MPI, MPICH, Intel MPI and Slurm
/// tell it.
fn local_rank() -> usize {
    const RANKS: [&str; 4] = [
        "OMPI_COMM_WORLD_LOCAL_RANK",
        "MPI_LOCALRANKID",
        "PMI_LOCAL_RANK",
        "SLURM_LOCALID",
    ];
    for name in RANKS {
        let rank = env::var(name).ok().and_then(|rank| rank.parse().ok());
        if let Some(rank) = rank {
            return rank;
        }
    }
    0
}

fn load_cuda() -> Result<(), String> {
    run::load(c"libtorch_cuda.so")
}

impl FromStr for DeviceChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "cuda" => Ok(Self::Cuda(None)),
            _ => {
                let index = text.strip_prefix("cuda:");
                match index.and_then(|index| index.parse().ok()) {
                    Some(index) => Ok(Self::Cuda(Some(index))),
                    None => Err(format!(
                        "invalid device \"{text}\": use auto, cpu, cuda or the number of a GPU, \
                         such as cuda:1"
                    )),
                }
            }
        }
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(None) => f.write_str("cuda"),
            Self::Cuda(Some(index)) => write!(f, "cuda:{index}"),
        }
    }
}
