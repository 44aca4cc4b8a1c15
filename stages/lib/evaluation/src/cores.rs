use torch::Device;

/// The jobs that suit this machine, of one thread each: its cores, as the affinity of this process
/// and its cgroups allow; one on a GPU.
pub fn cores(device: Device) -> usize {
    match device {
        Device::Cpu => std::thread::available_parallelism().map_or(1, usize::from),
        _ => 1,
    }
}
