// Memory that programs take for tensors on the CPU: counted for each thread while it runs one, and bounded.
#pragma once

#include <cstddef>

// Throws where a tensor of so many bytes is more than the program that the thread runs may hold.
void check_bytes(double bytes);

// Throws where so many bytes more are more than the program may hold.
void check_held(size_t bytes);

// They are held from here on, or no longer.
void hold_bytes(size_t bytes);
void drop_bytes(size_t bytes);
