// Operators that do not check whether the sizes of their arguments fit together.
#pragma once

#include <ATen/core/function_schema.h>
#include <ATen/core/ivalue.h>

#include <vector>

// Throws where they do not; the arguments are of their schema's types. Tensors with gaps or repeats in their memory are
// copied for operators that would read beyond them.
void check_trusting(const c10::FunctionSchema& schema, std::vector<c10::IValue>& arguments);
