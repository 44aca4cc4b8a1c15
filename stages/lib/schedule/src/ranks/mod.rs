//! The ranks of MPI: rank 0 hands points out as others become free, and alone writes. A cargo
//! feature (`mpi`).

#[cfg(feature = "mpi")]
mod enabled;
#[cfg(feature = "mpi")]
pub use enabled::Ranks;

#[cfg(not(feature = "mpi"))]
mod disabled;
#[cfg(not(feature = "mpi"))]
pub use disabled::Ranks;

/// What mpirun (of Open MPI, MPICH, Intel MPI) and srun tell each process: how many there are.
const SIZES: [&str; 3] = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"];

/// How many processes were started together.
fn started() -> usize {
    for name in SIZES {
        let size = std::env::var(name).ok();
        if let Some(size) = size.and_then(|size| size.parse().ok()) {
            return size;
        }
    }
    1
}
