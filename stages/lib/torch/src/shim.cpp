// Any ATen operator by name, through libtorch's dispatcher. No exception leaves this file: a call that can fail
// returns null (or false) and writes the first line of the message, which is the useful one, into `error`.

#include <ATen/Tensor.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>
#include <dlfcn.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <cstring>
#include <limits>
#include <string>

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

const c10::TypePtr& plain(const c10::TypePtr& type) {
    return type->kind() == c10::TypeKind::OptionalType ? type->castRaw<c10::OptionalType>()->getElementType() : type;
}

// A list of tensors, of optional tensors or of integers, as the schema wants it.
IValue list(const Argument& argument, const c10::TypePtr& type) {
    const auto& element = plain(type)->expectRef<c10::ListType>().getElementType();
    c10::impl::GenericList values(element);
    values.reserve(argument.count);
    for (size_t i = 0; i < argument.count; i++)
        values.push_back(argument.values[i] ? *argument.values[i] : IValue());
    return values;
}

// Integers stand for real numbers where the schema wants those: `eps=0`.
IValue adapted(const IValue& value, const c10::TypePtr& type) {
    if (value.isInt() && plain(type)->kind() == c10::TypeKind::FloatType) return static_cast<double>(value.toInt());
    return value;
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

const char* relief_argument_name(const void* handle, size_t index) {
    return static_cast<const OperatorHandle*>(handle)->schema().arguments()[index].name().c_str();
}

// The default of an argument, None for an optional one; null where the argument must be given.
IValue* relief_argument_default(const void* handle, size_t index) {
    const auto& argument = static_cast<const OperatorHandle*>(handle)->schema().arguments()[index];
    if (argument.default_value()) return new IValue(*argument.default_value());
    return argument.type()->kind() == c10::TypeKind::OptionalType ? new IValue() : nullptr;
}

IValue* relief_none() { return new IValue(); }
IValue* relief_int(int64_t value) { return new IValue(value); }
IValue* relief_float(double value) { return new IValue(value); }
IValue* relief_bool(bool value) { return new IValue(value); }
IValue* relief_ints(const int64_t* values, size_t count) { return new IValue(std::vector<int64_t>(values, values + count)); }
IValue* relief_string(const char* text, size_t size) { return new IValue(std::string(text, size)); }
IValue* relief_tensor(const at::Tensor* tensor) { return new IValue(*tensor); }
void relief_free(IValue* value) { delete value; }

at::Tensor* relief_to_tensor(const IValue* value) {
    return value->isTensor() ? new at::Tensor(value->toTensor()) : nullptr;
}

// Calls the operator and writes `count` new values to `results`.
bool relief_call(const void* handle, const Argument* arguments, IValue** results, size_t count, Error error) {
    return guarded(error, false, [&] {
        const auto& op = *static_cast<const OperatorHandle*>(handle);
        const auto& schema = op.schema().arguments();
        torch::jit::Stack stack;
        stack.reserve(schema.size());
        for (size_t i = 0; i < schema.size(); i++) {
            const auto& type = schema[i].type();
            stack.push_back(arguments[i].list ? list(arguments[i], type) : adapted(*arguments[i].values[0], type));
        }
        op.callBoxed(stack);
        if (stack.size() != count)
            throw std::runtime_error(
                "it returns " + std::to_string(stack.size()) + " values, the program expects " + std::to_string(count));
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

// Freed memory stays with the process: a network asks for the same blocks at every batch, and pages fresh from the
// kernel must be cleared first.
void relief_keep_memory() {
#ifdef __GLIBC__
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
    mallopt(M_TOP_PAD, 64 << 20);
#endif
}
}
