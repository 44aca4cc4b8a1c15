// Memory for fuzzing: every block of a tensor ends at a page that nobody may touch, so that a kernel which reads or writes
// beyond it crashes where it does.

#include <c10/core/CPUAllocator.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <new>

#include "memory.h"

namespace {

constexpr size_t PAGE = 4096;
// What stands at the start of the first page.
struct Block {
    size_t mapped;
};

size_t whole_pages(size_t bytes) { return (bytes + PAGE - 1) / PAGE * PAGE; }

void unmap(void* data) {
    if (!data) return;
    // the data begin in the second page or later; the first one says how long the block is
    auto* page = reinterpret_cast<char*>(reinterpret_cast<uintptr_t>(data) / PAGE * PAGE - PAGE);
    const size_t mapped = reinterpret_cast<Block*>(page)->mapped;
    drop_bytes(mapped);
    munmap(page, mapped);
}

struct Guarded final : c10::Allocator {
    c10::DataPtr allocate(size_t bytes) override {
        if (bytes == 0) return {nullptr, nullptr, &unmap, c10::Device(c10::DeviceType::CPU)};
        check_held(bytes);
        const size_t mapped = PAGE + whole_pages(bytes) + PAGE;
        void* pages = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (pages == MAP_FAILED) throw std::bad_alloc();
        auto* start = static_cast<char*>(pages);
        reinterpret_cast<Block*>(start)->mapped = mapped;
        char* end = start + mapped - PAGE;
        mprotect(end, PAGE, PROT_NONE);
        hold_bytes(mapped);
        void* data = end - bytes;
        std::memset(data, 0x7b, bytes);
        return {data, data, &unmap, c10::Device(c10::DeviceType::CPU)};
    }

    c10::DeleterFnPtr raw_deleter() const override { return &unmap; }

    void copy_data(void* to, const void* from, size_t bytes) const override { default_copy_data(to, from, bytes); }
};

}  // namespace

// Lets libtorch take its memory on the CPU so, from now on.
extern "C" void relief_guard_memory() {
    static auto* guarded = new Guarded;
    c10::SetCPUAllocator(guarded, 2);
}
