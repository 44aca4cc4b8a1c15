#include "checked.h"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>

#include "memory.h"

using c10::IValue;
using c10::TypeKind;

namespace {

// More dimensions than sets of dimensions in libtorch have bits.
constexpr int64_t DIMS = 64;
// Lists that choose places of a kernel; an empty one is none of them.
constexpr const char* WINDOWS[] = {"kernel_size", "stride", "padding", "output_padding", "dilation", "output_size"};

// The element types of program/src/refuse.rs: integers, reals and truth values.
bool is_known_dtype(int64_t number) {
    switch (static_cast<at::ScalarType>(number)) {
        case at::kByte:
        case at::kChar:
        case at::kShort:
        case at::kInt:
        case at::kLong:
        case at::kHalf:
        case at::kFloat:
        case at::kDouble:
        case at::kBool:
        case at::kBFloat16:
            return number >= 0 && number <= std::numeric_limits<int8_t>::max();
        default:
            return false;
    }
}

bool fits(const IValue& value, const c10::Type& type) {
    switch (type.kind()) {
        case TypeKind::OptionalType:
            return value.isNone() || fits(value, *type.castRaw<c10::OptionalType>()->getElementType());
        case TypeKind::TensorType:
            return value.isTensor() && value.toTensor().defined();
        case TypeKind::IntType:
        case TypeKind::SymIntType:
            return value.isInt();
        case TypeKind::FloatType:
            return value.isDouble();
        case TypeKind::BoolType:
            return value.isBool();
        case TypeKind::NumberType:
            return value.isInt() || value.isDouble() || value.isBool();
        case TypeKind::StringType:
            return value.isString();
        case TypeKind::DeviceObjType:
            return value.isDevice();
        case TypeKind::ScalarTypeType:
            return value.isInt() && is_known_dtype(value.toInt());
        case TypeKind::LayoutType:
            return value.isInt() && value.toInt() == static_cast<int64_t>(at::kStrided);
        case TypeKind::MemoryFormatType:
            return value.isInt() && value.toInt() >= 0 && value.toInt() < static_cast<int64_t>(at::MemoryFormat::NumOptions);
        case TypeKind::ListType: {
            if (!value.isList()) return false;
            const auto& element = *type.expectRef<c10::ListType>().getElementType();
            for (const IValue& member : value.toListRef())
                if (!fits(member, element)) return false;
            return true;
        }
        default:
            return false;
    }
}

// What an error calls a value.
std::string shown(const IValue& value) {
    if (value.isInt()) return std::to_string(value.toInt());
    if (value.isTensor()) return value.toTensor().defined() ? "a tensor" : "an undefined tensor";
    if (!value.isList()) return value.tagKind();
    for (const IValue& member : value.toListRef())
        if (member.isNone()) return "a list with None in it";
    return "a list of " + value.type()->containedType(0)->str();
}

// What an error calls a type.
std::string wanted(const c10::Type& type) {
    switch (type.kind()) {
        case TypeKind::OptionalType:
            return wanted(*type.castRaw<c10::OptionalType>()->getElementType()) + ", or None";
        case TypeKind::ScalarTypeType:
            return "the number of an element type (0 to 7, 11 or 15)";
        case TypeKind::LayoutType:
            return "the layout of dense tensors (0)";
        case TypeKind::MemoryFormatType:
            return "the number of a memory format (0 to 3)";
        default:
            return type.str();
    }
}

bool is_window(const std::string& name) {
    for (const char* window : WINDOWS)
        if (name == window) return true;
    return false;
}

// Whether a list has a length that the operator can take: one number for all places, or one for each.
bool has_known_length(const IValue& value, const c10::Argument& argument) {
    const size_t length = value.toListRef().size();
    const auto& given = argument.default_value();
    if (given && given->isList() && given->toListRef().size() == length) return true;
    if (is_window(argument.name()) && length == 0) return false;
    const auto places = static_cast<size_t>(argument.N().value_or(1));
    return places < 2 || length == 1 || length == places;
}

void check_argument(const IValue& value, const c10::Argument& argument) {
    const std::string name = "its argument \"" + argument.name() + "\" ";
    if (!fits(value, *argument.real_type()))
        throw std::runtime_error(name + "is " + shown(value) + ", and must be " + wanted(*argument.real_type()));
    if (value.isList() && !has_known_length(value, argument))
        throw std::runtime_error(
            name + "has " + std::to_string(value.toListRef().size()) + " members, and must have " +
            std::to_string(argument.N().value_or(1)));
}

// The argument of a name, or None.
IValue named(const c10::FunctionSchema& schema, const std::vector<IValue>& arguments, const std::string& name) {
    const auto index = schema.argumentIndexWithName(name);
    return index ? arguments[*index] : IValue();
}

// Calls that cut a tensor make as many as a number or a size says.
void check_pieces(const c10::FunctionSchema& schema, const std::vector<IValue>& arguments, size_t results) {
    if (schema.returns().size() != 1 || schema.returns()[0].type()->kind() != TypeKind::ListType) return;
    const auto most = static_cast<int64_t>(results);
    for (const char* name : {"chunks", "sections"}) {
        const auto pieces = named(schema, arguments, name);
        if (pieces.isInt() && pieces.toInt() > most)
            throw std::runtime_error(
                "it makes " + std::to_string(pieces.toInt()) + " tensors, the program expects " + std::to_string(most));
    }
    const auto self = named(schema, arguments, "self");
    const auto dim = named(schema, arguments, "dim");
    if (!self.isTensor() || !dim.isInt() || self.toTensor().dim() == 0) return;
    const int64_t size = self.toTensor().size(dim.toInt());
    const auto length = named(schema, arguments, "split_size");
    const bool cuts_all = schema.name() == "aten::unbind";
    if (!cuts_all && !(length.isInt() && length.toInt() > 0)) return;
    if ((size - 1) / (cuts_all ? 1 : length.toInt()) >= std::max<int64_t>(most, 1))
        throw std::runtime_error(
            "it cuts " + std::to_string(size) + " places into more than the " + std::to_string(most) +
            " tensors that the program expects");
}

}  // namespace

void check_arguments(const c10::OperatorHandle& op, const std::vector<IValue>& arguments, size_t results) {
    const auto& schema = op.schema();
    for (size_t i = 0; i < arguments.size(); i++) check_argument(arguments[i], schema.arguments()[i]);
    check_pieces(schema, arguments, results);
}

void check_result(IValue& result) {
    if (!result.isTensor()) return;
    const at::Tensor& tensor = result.toTensor();
    if (!tensor.defined()) {
        result = IValue();
        return;
    }
    if (tensor.layout() != at::kStrided || !is_known_dtype(static_cast<int64_t>(tensor.scalar_type())))
        throw std::runtime_error(
            std::string("it returns a tensor of the type ") + tensor.toString() + ", which programs may not have");
    if (tensor.dim() > DIMS)
        throw std::runtime_error("it returns a tensor of " + std::to_string(tensor.dim()) + " dimensions");
    // an empty tensor counts as if it were not: some calls go through its other sizes one by one
    double bytes = static_cast<double>(tensor.element_size());
    for (const int64_t size : tensor.sizes()) bytes *= static_cast<double>(std::max<int64_t>(size, 1));
    check_bytes(bytes);
}
