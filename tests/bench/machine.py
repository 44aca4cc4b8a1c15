"""What the machine is and can do, and how long processes take on it."""

import os
import pathlib
import platform
import statistics
import subprocess
import sys
import threading
import time

import torch

CORES = len(os.sched_getaffinity(0))


def run(command, meanwhile=lambda process: None, status=0):
    """Seconds and the largest memory in megabytes of a process."""
    start = time.perf_counter()
    process = subprocess.Popen(command)
    # what wait4 tells of memory is that of this process, where it is larger
    memory = Memory(process.pid)
    memory.start()
    meanwhile(process)
    process.wait()
    seconds = time.perf_counter() - start
    memory.join()
    if process.returncode != status:
        sys.exit(f"{' '.join(map(str, command[:6]))} … ended with {process.returncode}")
    return seconds, memory.megabytes


class Memory(threading.Thread):
    """Watches the largest memory of a process until it ends."""

    def __init__(self, process):
        super().__init__(daemon=True)
        self.status, self.megabytes = pathlib.Path(f"/proc/{process}/status"), 0

    def run(self):
        while True:
            try:
                lines = self.status.read_text().splitlines()
            except OSError:
                return
            line = next((line for line in lines if line.startswith("VmHWM")), None)
            if line is None:
                return
            self.megabytes = int(line.split()[1]) // 1024
            time.sleep(0.01)


def check(command):
    subprocess.run(command, check=True)


def gemm_peak():
    """Operations a second of products of large matrices of f32, on all cores."""
    a, b = torch.rand(2048, 2048), torch.rand(2048, 2048)
    times = []
    for _ in range(8):
        start = time.perf_counter()
        a @ b
        times.append(time.perf_counter() - start)
    return 2 * 2048**3 / statistics.median(times)


def processor():
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    flags = next((line for line in lines if line.startswith("flags")), "").split()
    widest = next((isa for isa in ["amx_bf16", "avx512_bf16", "avx512f", "avx2"] if isa in flags), platform.machine())
    return f"{names[0] if names else platform.processor()} ({widest})"
