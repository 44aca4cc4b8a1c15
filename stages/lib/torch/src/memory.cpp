#include "memory.h"

#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>
#ifdef __APPLE__
#include <malloc/malloc.h>
#else
#include <malloc.h>
#endif

#include <limits>
#include <stdexcept>
#include <string>

namespace {

// What the program that this thread runs may hold, and what it holds; outside of a run nothing is bounded.
thread_local double most = std::numeric_limits<double>::infinity();
thread_local double held = 0;

// Bytes of a block of malloc.
size_t size_of(void* block) {
#ifdef __APPLE__
    return malloc_size(block);
#else
    return malloc_usable_size(block);
#endif
}

void give_back(void* block) {
    if (!block) return;
    drop_bytes(size_of(block));
    c10::free_cpu(block);
}

// libtorch's own memory, counted.
struct Bounded final : c10::Allocator {
    c10::DataPtr allocate(size_t bytes) override {
        check_held(bytes);
        void* block = c10::alloc_cpu(bytes);
        if (block) hold_bytes(size_of(block));
        return {block, block, &give_back, c10::Device(c10::DeviceType::CPU)};
    }

    c10::DeleterFnPtr raw_deleter() const override { return &give_back; }

    void copy_data(void* to, const void* from, size_t bytes) const override { default_copy_data(to, from, bytes); }
};

// Numbers of bytes as people say them.
std::string shown(double bytes) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f GB", bytes / 1e9);
    return text;
}

}  // namespace

void check_bytes(double bytes) {
    if (bytes > most)
        throw std::runtime_error(
            "the program would hold tensors of " + shown(bytes) + ", and may hold " + shown(most) +
            ": a smaller --batch makes them smaller");
}

void check_held(size_t bytes) { check_bytes(held + static_cast<double>(bytes)); }

void hold_bytes(size_t bytes) { held += static_cast<double>(bytes); }

void drop_bytes(size_t bytes) { held -= static_cast<double>(bytes); }

extern "C" {

// Lets libtorch take its memory on the CPU through the count above, from now on and in all threads.
void relief_bound_memory() {
    // it is never freed: tensors outlive all else
    static auto* bounded = new Bounded;
    c10::SetCPUAllocator(bounded, 1);
}

// This thread runs a program from here on, which may hold so many bytes of tensors.
void relief_start_run(double bytes) {
    most = bytes;
    held = 0;
}

// It runs none.
void relief_end_run() { most = std::numeric_limits<double>::infinity(); }
}
