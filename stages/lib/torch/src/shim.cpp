// Any ATen operator by name, through libtorch's dispatcher. No exception leaves this file: a call that can fail
// returns null (or false) and writes the first line of the message, which is the useful one, into `error`.

#include <ATen/ScalarOps.h>
#include <ATen/Tensor.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>
#include <dlfcn.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "checked.h"
#include "trusting.h"

using c10::IValue;
using c10::OperatorHandle;

namespace {

struct Error {
    char* text;
    size_t size;
};

void report(Error error, const std::string& message) {
    const std::string line = message.substr(0, message.find('\n'));
    std::snprintf(error.text, error.size, "%s", line.c_str());
}

template <class Result, class Body>
Result guarded(Error error, Result failure, Body body) {
    try {
        return body();
    } catch (const c10::Error& exception) {
        report(error, exception.what_without_backtrace());
    } catch (const std::exception& exception) {
        report(error, exception.what());
    } catch (...) {
        report(error, "unknown C++ exception");
    }
    return failure;
}

// The one argument of a call: a value, or the members of a list (null for None).
struct Argument {
    const IValue* const* values;
    size_t count;
    bool list;
};

const c10::Type& plain(const c10::TypePtr& type) {
    return type->kind() == c10::TypeKind::OptionalType ? *type->castRaw<c10::OptionalType>()->getElementType() : *type;
}

bool is_integer(const c10::Type& type) {
    return type.kind() == c10::TypeKind::IntType || type.kind() == c10::TypeKind::SymIntType;
}

// Numbers as an argument's type wants them, with the leave that Python takes: an integer for a real number, a number
// for a tensor or for each member of a list (a kernel size). Numbers give way to the types of tensors beside them in a
// pointwise operator; others (a sum of a number) would read them in another type than theirs.
IValue adapted(const IValue& value, const c10::Argument& argument, bool pointwise) {
    const auto& type = plain(argument.type());
    if (type.kind() == c10::TypeKind::FloatType && value.isInt()) return static_cast<double>(value.toInt());
    if (type.kind() == c10::TypeKind::TensorType && value.isScalar()) {
        auto tensor = c10::scalar_to_tensor(value.toScalar());
        if (pointwise) tensor.unsafeGetTensorImpl()->set_wrapped_number(true);
        return tensor;
    }
    if (type.kind() == c10::TypeKind::ListType) {
        const auto& element = *type.expectRef<c10::ListType>().getElementType();
        if (is_integer(element) && value.isInt())
            return std::vector<int64_t>(argument.N().value_or(1), value.toInt());
        if (element.kind() == c10::TypeKind::FloatType && value.isIntList()) {
            const auto integers = value.toIntVector();
            return std::vector<double>(integers.begin(), integers.end());
        }
        // an empty list is of any type
        if (value.isList() && value.toListRef().empty())
            return c10::impl::GenericList(type.expectRef<c10::ListType>().getElementType());
    }
    return value;
}

// A list of tensors, of optional tensors or of numbers, as the schema wants it.
IValue list(const Argument& members, const c10::Argument& argument) {
    const auto& type = plain(argument.type());
    if (type.kind() != c10::TypeKind::ListType)
        throw std::runtime_error("its argument \"" + argument.name() + "\" is a list, and must be " + type.str());
    for (size_t i = 0; i < members.count && is_integer(*type.containedType(0)); i++)
        if (!members.values[i] || !members.values[i]->isInt())
            throw std::runtime_error("its argument \"" + argument.name() + "\" has members that are no integers");
    const auto& element = type.expectRef<c10::ListType>().getElementType();
    if (is_integer(*element)) {
        std::vector<int64_t> integers;
        for (size_t i = 0; i < members.count; i++) integers.push_back(members.values[i]->toInt());
        return integers;
    }
    c10::impl::GenericList values(element);
    values.reserve(members.count);
    for (size_t i = 0; i < members.count; i++) values.push_back(members.values[i] ? *members.values[i] : IValue());
    return values;
}

// The tensors of an argument: itself, or the members of a list.
template <class Body>
void each_tensor(const IValue& value, Body body) {
    if (value.isTensor()) {
        body(value.toTensor());
    } else if (value.isList()) {
        for (const auto& member : value.toListRef())
            if (member.isTensor()) body(member.toTensor());
    }
}

// The largest finite number of a half precision.
double largest(at::ScalarType half) { return half == at::kHalf ? 65504.0 : 3.3895313892515355e38; }

// A mask of attention holds the least number of f32, which a half precision would make infinite: rows that are masked as
// a whole would become NaN.
at::Tensor limited(const at::Tensor& mask, at::ScalarType half) {
    return at::where(at::isfinite(mask), at::clamp(mask, -largest(half), largest(half)), mask);
}

IValue rounded(const IValue& value, at::ScalarType type, bool mask) {
    const auto cast = [&](const at::Tensor& tensor) {
        if (!tensor.defined() || !at::isFloatingType(tensor.scalar_type())) return tensor;
        return (mask && tensor.scalar_type() != type ? limited(tensor, type) : tensor).to(type);
    };
    if (value.isTensor()) return cast(value.toTensor());
    if (value.isTensorList()) {
        std::vector<at::Tensor> tensors;
        for (const auto& tensor : value.toTensorVector()) tensors.push_back(cast(tensor));
        return tensors;
    }
    return value;
}

// Calls that take tensors of different precisions by themselves: pointwise ones promote, normalisation keeps its
// statistics in f32.
bool mixes(const OperatorHandle& op) {
    return op.hasTag(at::Tag::pointwise) || op.operator_name().name == "aten::batch_norm";
}

// In half precision a tensor that the program made in f32 may meet rounded weights, which matrix products,
// convolutions and attention refuse: then all arguments get the half precision, or that of what is written into.
void round_to_one_precision(const OperatorHandle& op, torch::jit::Stack& stack, at::ScalarType half) {
    bool has_half = false, has_other = false;
    auto type = half;
    for (size_t i = 0; i < stack.size(); i++) {
        const auto* alias = op.schema().arguments()[i].alias_info();
        each_tensor(stack[i], [&](const at::Tensor& tensor) {
            if (!tensor.defined() || !at::isFloatingType(tensor.scalar_type())) return;
            (tensor.scalar_type() == half ? has_half : has_other) = true;
            if (alias && alias->isWrite()) type = tensor.scalar_type();
        });
    }
    if (!has_half || !has_other || mixes(op)) return;
    for (size_t i = 0; i < stack.size(); i++) {
        const auto* alias = op.schema().arguments()[i].alias_info();
        const bool mask = op.schema().arguments()[i].name().find("mask") != std::string::npos;
        if (!alias || !alias->isWrite()) stack[i] = rounded(stack[i], type, mask);
    }
}

// Calls that put one number into tensors.
bool fills(const std::string& name) {
    for (const char* filling : {"aten::masked_fill", "aten::masked_fill_", "aten::fill", "aten::fill_", "aten::where",
                                "aten::full_like", "aten::new_full", "aten::full", "aten::scalar_tensor"})
        if (name == filling) return true;
    return false;
}

// A number that a tensor of half precision is filled with, such as the least number of f32, is brought into its range.
void limit_number(const OperatorHandle& op, torch::jit::Stack& stack, at::ScalarType half) {
    if (!fills(op.operator_name().name)) return;
    bool is_half = false;
    for (size_t i = 0; i < stack.size(); i++) {
        each_tensor(stack[i], [&](const at::Tensor& tensor) {
            is_half = is_half || (tensor.defined() && tensor.scalar_type() == half);
        });
        const bool dtype = op.schema().arguments()[i].name() == "dtype" && stack[i].isInt();
        if (dtype) is_half = static_cast<at::ScalarType>(stack[i].toInt()) == half;
    }
    if (!is_half) return;
    for (auto& value : stack)
        if (value.isDouble() && std::isfinite(value.toDouble()))
            value = std::clamp(value.toDouble(), -largest(half), largest(half));
}

const c10::Argument& argument_of(const void* handle, size_t index) {
    return static_cast<const OperatorHandle*>(handle)->schema().arguments()[index];
}

}  // namespace

extern "C" {

const void* relief_operator(const char* name, const char* overload, Error error) {
    return guarded<const void*>(error, nullptr, [&] {
        return new OperatorHandle(c10::Dispatcher::singleton().findSchemaOrThrow(name, overload));
    });
}

void relief_operator_free(const void* handle) { delete static_cast<const OperatorHandle*>(handle); }

size_t relief_argument_count(const void* handle) {
    return static_cast<const OperatorHandle*>(handle)->schema().arguments().size();
}

const char* relief_argument_name(const void* handle, size_t index) { return argument_of(handle, index).name().c_str(); }

// Whether a result can share the argument's memory.
bool relief_argument_shared(const void* handle, size_t index) { return argument_of(handle, index).alias_info(); }

// Whether the call writes into the argument.
bool relief_argument_written(const void* handle, size_t index) {
    const auto* alias = argument_of(handle, index).alias_info();
    return alias && alias->isWrite();
}

// Whether the argument is there to be overwritten and given another size.
bool relief_argument_is_out(const void* handle, size_t index) { return argument_of(handle, index).is_out(); }

// Whether PyTorch tags the operator as one that draws random numbers.
bool relief_operator_draws(const void* handle) {
    return static_cast<const OperatorHandle*>(handle)->hasTag(at::Tag::nondeterministic_seeded);
}

// Shows the schema of an operator as PyTorch writes it.
void relief_operator_schema(const void* handle, void (*show)(const char*, void*), void* to) {
    show(c10::toString(static_cast<const OperatorHandle*>(handle)->schema()).c_str(), to);
}

// Shows the name and overload of every operator that has a schema.
void relief_operators(void (*show)(const char*, const char*, void*), void* to) {
    for (const auto& name : c10::Dispatcher::singleton().getAllOpNames())
        if (c10::Dispatcher::singleton().findSchema(name)) show(name.name.c_str(), name.overload_name.c_str(), to);
}

// The default of an argument, None for an optional one; null where the argument must be given.
IValue* relief_argument_default(const void* handle, size_t index) {
    const auto& argument = argument_of(handle, index);
    if (argument.default_value()) return new IValue(*argument.default_value());
    return argument.type()->kind() == c10::TypeKind::OptionalType ? new IValue() : nullptr;
}

IValue* relief_none() { return new IValue(); }
IValue* relief_int(int64_t value) { return new IValue(value); }
IValue* relief_float(double value) { return new IValue(value); }
IValue* relief_bool(bool value) { return new IValue(value); }
IValue* relief_ints(const int64_t* values, size_t count) { return new IValue(std::vector<int64_t>(values, values + count)); }
IValue* relief_floats(const double* values, size_t count) { return new IValue(std::vector<double>(values, values + count)); }
IValue* relief_bools(const bool* values, size_t count) {
    c10::List<bool> list;
    for (size_t i = 0; i < count; i++) list.push_back(values[i]);
    return new IValue(list);
}
IValue* relief_device(int type, int index) { return new IValue(c10::Device(static_cast<c10::DeviceType>(type), index)); }
IValue* relief_string(const char* text, size_t size) { return new IValue(std::string(text, size)); }
IValue* relief_tensor(const at::Tensor* tensor) { return new IValue(*tensor); }
void relief_free(IValue* value) { delete value; }

at::Tensor* relief_to_tensor(const IValue* value) {
    return value->isTensor() ? new at::Tensor(value->toTensor()) : nullptr;
}

// The number that a value is: 1 for an integer, 2 for a real, 3 for a truth value, 0 for none of them.
int relief_to_number(const IValue* value, int64_t* integer, double* real) {
    if (value->isInt()) return *integer = value->toInt(), 1;
    if (value->isDouble()) return *real = value->toDouble(), 2;
    if (value->isBool()) return *integer = value->toBool(), 3;
    return 0;
}

// Calls the operator and writes `count` new values to `results`: what it returns, or the members of a list. `half` is
// the number of the half precision that the program is run in, or negative.
bool relief_call(const void* handle, const Argument* arguments, int half, IValue** results, size_t count, Error error) {
    return guarded(error, false, [&] {
        const auto& op = *static_cast<const OperatorHandle*>(handle);
        const auto& schema = op.schema().arguments();
        const bool pointwise = op.hasTag(at::Tag::pointwise);
        torch::jit::Stack stack;
        stack.reserve(schema.size());
        for (size_t i = 0; i < schema.size(); i++)
            stack.push_back(
                arguments[i].list ? list(arguments[i], schema[i]) : adapted(*arguments[i].values[0], schema[i], pointwise));
        check_arguments(op, stack, count);
        check_trusting(op.schema(), stack);
        if (half >= 0) {
            round_to_one_precision(op, stack, static_cast<at::ScalarType>(half));
            limit_number(op, stack, static_cast<at::ScalarType>(half));
        }
        op.callBoxed(stack);
        if (stack.size() == 1 && stack[0].isList()) {
            const IValue list = std::move(stack[0]);
            const auto members = list.toListRef();
            stack.assign(members.begin(), members.end());
        }
        if (stack.size() != count)
            throw std::runtime_error(
                "it returns " + std::to_string(stack.size()) + " values, the program expects " + std::to_string(count));
        for (auto& result : stack) check_result(result);
        for (size_t i = 0; i < count; i++) results[i] = new IValue(std::move(stack[i]));
        return true;
    });
}

// Loads a library of libtorch; the linker drops those that no symbol needs.
bool relief_load(const char* library, Error error) {
    if (dlopen(library, RTLD_NOW | RTLD_GLOBAL)) return true;
    report(error, dlerror());
    return false;
}

// The process ends without the destructors of libtorch, which take a tenth of a second and free what the kernel frees too.
// Files are written and closed by then; what ends last is registered first, so this runs before them.
void relief_leave_at_once() {
#ifdef __GLIBC__
    on_exit(
        [](int status, void*) {
            std::fflush(nullptr);
            _exit(status);
        },
        nullptr);
#endif
}

// Freed memory stays with the process: a network asks for the same blocks at every batch, and pages fresh from the
// kernel must be cleared first. Each thread has its own: a block that another one freed is in that core's cache.
void relief_keep_memory() {
#ifdef __GLIBC__
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
    mallopt(M_TOP_PAD, 64 << 20);
#endif
}
}
