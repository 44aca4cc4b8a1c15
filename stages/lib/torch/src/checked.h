// What a call is given and what it returns, compared with what libtorch takes for granted: some of its operators crash
// where an argument is not as their schema says. All functions throw where something does not fit.
#pragma once

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>

#include <vector>

// Each argument must be of its schema's type, lists as long as the operator needs them, and numbers of element types,
// layouts and memory formats must exist. `results` is how many values the program expects.
void check_arguments(const c10::OperatorHandle& op, const std::vector<c10::IValue>& arguments, size_t results);

// Tensors must be dense, of an element type that programs may name, and of no more bytes than the run may hold (a view
// can be larger than its memory). One that is undefined becomes None.
void check_result(c10::IValue& result);
