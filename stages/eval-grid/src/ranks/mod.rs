//! The ranks of MPI: rank 0 hands points out as others become free, and alone writes. A cargo feature (`mpi`).

#[cfg(feature = "mpi")]
mod enabled;
#[cfg(feature = "mpi")]
pub(crate) use enabled::Ranks;

#[cfg(not(feature = "mpi"))]
mod disabled;
#[cfg(not(feature = "mpi"))]
pub(crate) use disabled::Ranks;

/// What mpirun (of Open MPI, MPICH, Intel MPI) and srun tell each process: how many there are.
const SIZES: [&str; 3] = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"];

/// How many processes were started together.
fn started() -> usize {
    let size = |name: &&str| std::env::var(name).ok()?.parse().ok();
    SIZES.iter().find_map(size).unwrap_or(1)
}
