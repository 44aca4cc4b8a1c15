// Operators that read beyond their tensors where sizes do not fit together, because other code of libtorch sees to that
// when it calls them. What is checked here is what `make fuzz` found.

#include "trusting.h"

#include <ATen/core/Tensor.h>

#include <cmath>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <unordered_set>

using c10::IValue;

namespace {

// The arguments of a call by their names.
class Named {
   public:
    Named(const c10::FunctionSchema& schema, const std::vector<IValue>& arguments) : schema(schema), arguments(arguments) {}

    const IValue& operator[](const char* name) const { return arguments.at(schema.argumentIndexWithName(name).value()); }
    bool has(const char* name) const { return schema.argumentIndexWithName(name) && !(*this)[name].isNone(); }
    const at::Tensor& tensor(const char* name) const { return (*this)[name].toTensor(); }
    int64_t integer(const char* name) const { return (*this)[name].toInt(); }
    const std::string& op() const { return schema.name(); }

   private:
    const c10::FunctionSchema& schema;
    const std::vector<IValue>& arguments;
};

void require(bool holds, const char* why) {
    if (!holds) throw std::runtime_error(why);
}

bool is_vector(const at::Tensor& tensor, int64_t size) { return tensor.dim() == 1 && tensor.size(0) == size; }

// Statistics and factors of a normalisation: one for each channel.
void batch_norm(const Named& arguments) {
    const auto& input = arguments.tensor("input");
    require(input.dim() >= 2, "its input has no channels");
    for (const char* name : {"weight", "bias", "running_mean", "running_var"})
        if (arguments.has(name))
            require(is_vector(arguments.tensor(name), input.size(1)), "it takes one number for each channel");
}

void group_norm(const Named& arguments) {
    const int64_t channels = arguments.integer("C"), groups = arguments.integer("group");
    const auto& input = arguments.tensor("input");
    require(input.dim() >= 2 && input.size(0) == arguments.integer("N") && input.size(1) == channels, "its input has other sizes");
    require(input.numel() == arguments.integer("HxW") * input.size(0) * channels, "its input has another number of places");
    require(groups > 0 && channels % groups == 0, "its groups do not divide its channels");
    for (const char* name : {"weight", "bias"})
        if (arguments.has(name)) require(is_vector(arguments.tensor(name), channels), "it takes one number for each channel");
}

// What a recurrent layer is made of.
struct Recurrent {
    int64_t gates;
    int64_t sets;  // layers, in one direction or in both
    int64_t directions;
    size_t tensors;  // of each set
};

Recurrent recurrent_of(const Named& arguments) {
    const bool lstm = arguments.op() == "aten::lstm";
    const int64_t directions = arguments["bidirectional"].toBool() ? 2 : 1, layers = arguments.integer("num_layers");
    const auto params = arguments["params"].toTensorVector().size();
    require(layers > 0 && layers <= static_cast<int64_t>(params), "its layers are more than its weights");
    const int64_t sets = layers * directions;
    const size_t plain = arguments["has_biases"].toBool() ? 4 : 2;
    // an LSTM may have a projection
    const size_t tensors = params / sets;
    require(params % sets == 0 && (tensors == plain || (lstm && tensors == plain + 1)), "it takes other weights");
    return {lstm ? 4 : arguments.op() == "aten::gru" ? 3 : 1, sets, directions, tensors};
}

void check_hidden(const at::Tensor& hidden, int64_t sets, int64_t batch, int64_t size) {
    require(
        hidden.dim() == 3 && hidden.size(0) == sets && hidden.size(1) == batch && hidden.size(2) == size,
        "its hidden state has other sizes");
}

// The lengths of packed sequences: how many examples each step has.
int64_t check_packed(const at::Tensor& data, const at::Tensor& counts) {
    require(counts.dim() == 1 && counts.scalar_type() == at::kLong && counts.is_cpu() && counts.numel() > 0, "its batch sizes are no counts");
    int64_t sum = 0, before = data.size(0);
    for (int64_t step = 0; step < counts.size(0); step++) {
        const int64_t count = counts[step].item<int64_t>();
        require(count > 0 && count <= before, "its batch sizes do not fall");
        before = count;
        sum += count;
    }
    require(sum == data.size(0), "its batch sizes are not those of its data");
    return counts[0].item<int64_t>();
}

void recurrent(const Named& arguments) {
    const auto layer = recurrent_of(arguments);
    const bool packed = arguments.has("batch_sizes");
    const auto& input = arguments.tensor(packed ? "data" : "input");
    require(input.dim() == (packed ? 2 : 3) && input.numel() > 0, "its input is no batch of sequences");
    const int64_t batch =
        packed ? check_packed(input, arguments.tensor("batch_sizes")) : input.size(arguments["batch_first"].toBool() ? 0 : 1);
    const auto params = arguments["params"].toTensorVector();
    const size_t plain = arguments["has_biases"].toBool() ? 4 : 2;
    int64_t width = input.size(-1), hidden = 0, out = 0;
    for (int64_t set = 0; set < layer.sets; set++) {
        const at::Tensor* weights = &params[set * layer.tensors];
        require(weights[0].dim() == 2 && weights[1].dim() == 2, "its weights are no matrices");
        const int64_t rows = weights[0].size(0);
        if (set == 0) hidden = rows / layer.gates, out = weights[1].size(1);
        require(rows == layer.gates * hidden && hidden > 0, "its weights have another number of rows");
        require(weights[0].size(1) == width && weights[1].size(0) == rows && weights[1].size(1) == out, "its weights do not fit");
        for (size_t bias = 2; bias < plain; bias++) require(is_vector(weights[bias], rows), "its biases do not fit");
        if (layer.tensors > plain)
            require(weights[plain].dim() == 2 && weights[plain].size(0) == out && weights[plain].size(1) == hidden, "its projection does not fit");
        else
            require(out == hidden, "its weights are not square");
        if ((set + 1) % layer.directions == 0) width = layer.directions * out;
    }
    if (arguments.op() != "aten::lstm") return check_hidden(arguments.tensor("hx"), layer.sets, batch, hidden);
    const auto states = arguments["hx"].toTensorVector();
    require(states.size() == 2, "it takes two hidden states");
    check_hidden(states[0], layer.sets, batch, out);
    check_hidden(states[1], layer.sets, batch, hidden);
}

// An interpolation's scales must be those from its input to its output.
void check_scale(double scale, int64_t from, int64_t to) {
    require(std::isfinite(scale) && scale > 0, "its scales are no scales");
    const double wanted = std::floor(static_cast<double>(from) * scale);
    require(std::abs(wanted - static_cast<double>(to)) <= 1, "its scales are not those of its sizes");
}

void interpolation(const Named& arguments) {
    const auto& input = arguments.tensor(arguments.has("input") ? "input" : "self");
    require(input.dim() >= 3 && input.numel() > 0, "its input has no places");
    const int64_t places = input.dim() - 2;
    if (!arguments.has("output_size")) return;
    const auto sizes = arguments["output_size"].toIntVector();
    require(static_cast<int64_t>(sizes.size()) == places, "its sizes are not one for each axis");
    const char* named[] = {"scales_d", "scales_h", "scales_w"};
    for (int64_t axis = 0; axis < places; axis++) {
        const char* name = places == 1 ? "scales" : named[3 - places + axis];
        if (arguments.has(name)) check_scale(arguments[name].toDouble(), input.size(2 + axis), sizes[axis]);
    }
}

// Classes of targets are places in the probabilities.
void ctc_loss(const Named& arguments) {
    const auto& probabilities = arguments.tensor("log_probs");
    const auto& targets = arguments.tensor("targets");
    require(probabilities.dim() >= 2, "its probabilities have no classes");
    if (targets.numel() == 0) return;
    const auto least = targets.min().toType(at::kDouble).item<double>(), most = targets.max().toType(at::kDouble).item<double>();
    require(least >= 0 && most < static_cast<double>(probabilities.size(-1)), "its targets are out of the range of its classes");
}

// The least integer divided by -1 stops a process.
void division(const Named& arguments) {
    const auto& dividend = arguments.tensor("self");
    if (!at::isIntegralType(dividend.scalar_type(), false) || !arguments.has("rounding_mode") || dividend.numel() == 0) return;
    require(
        dividend.min().toType(at::kDouble).item<double>() > -9e18, "the least integer cannot be divided, for its quotient by -1 is none");
}

// Beyond this a polynomial is no number, and libtorch's loop over its degrees takes hours.
constexpr double MOST_DEGREES = 10000;

void polynomial(const Named& arguments) {
    const auto& degrees = arguments["n"];
    double most = 0;
    if (!degrees.isTensor())
        most = degrees.toScalar().toDouble();
    else if (degrees.toTensor().numel() > 0)
        most = degrees.toTensor().toType(at::kDouble).nan_to_num(0.0).max().item<double>();
    require(!(most > MOST_DEGREES), "its degree is above 10000");
}

// Its kernel goes through all places of a window, also through those beyond the input.
void max_pool1d(const Named& arguments) {
    const auto& input = arguments.tensor("self");
    const auto first = [&](const char* name, double otherwise) {
        const auto numbers = arguments[name].toIntVector();
        return numbers.empty() ? otherwise : static_cast<double>(numbers[0]);
    };
    const double window = first("kernel_size", 1);
    const double places = input.dim() == 0 ? 0 : static_cast<double>(input.size(-1));
    require(
        (window - 1) * first("dilation", 1) < places + 2 * first("padding", 0) + first("stride", window),
        "its window is larger than its input");
}

const std::unordered_map<std::string, void (*)(const Named&)> CHECKS = {
    {"aten::_native_batch_norm_legit_no_training", batch_norm},
    {"aten::max_pool1d", max_pool1d},
    {"aten::native_group_norm", group_norm},
    {"aten::ctc_loss", ctc_loss},
    {"aten::div", division},
    {"aten::div_", division},
    {"aten::divide", division},
    {"aten::divide_", division},
    {"aten::lstm", recurrent},
    {"aten::gru", recurrent},
    {"aten::rnn_tanh", recurrent},
    {"aten::rnn_relu", recurrent},
    {"aten::_upsample_bicubic2d_aa", interpolation},
    {"aten::_upsample_bilinear2d_aa", interpolation},
};

// Operators whose kernels read some argument as if its numbers lay one behind the other, whatever its strides are.
const std::unordered_set<std::string> BLIND = {
    "aten::native_group_norm", "aten::group_norm",     "aten::layer_norm",     "aten::native_layer_norm",
    "aten::median",            "aten::nanmedian",      "aten::mode",           "aten::kthvalue",
    "aten::lstm",              "aten::gru",            "aten::rnn_tanh",       "aten::rnn_relu",
    "aten::ctc_loss",          "aten::masked_scatter", "aten::masked_scatter_"};

// A copy of a tensor with gaps or repeats in its memory.
void close_gaps(IValue& argument) {
    if (argument.isTensor() && !argument.toTensor().is_non_overlapping_and_dense()) argument = argument.toTensor().contiguous();
}

// Which arguments a call writes into, and which it may therefore not copy.
bool is_written(const c10::Argument& argument) { return argument.alias_info() && argument.alias_info()->isWrite(); }

bool is_polynomial(const std::string& name) { return name.find("_polynomial_") != std::string::npos; }

}  // namespace

void check_trusting(const c10::FunctionSchema& schema, std::vector<IValue>& arguments) {
    if (BLIND.count(schema.name()))
        for (size_t i = 0; i < arguments.size(); i++)
            if (!is_written(schema.arguments()[i])) close_gaps(arguments[i]);
    const auto check = CHECKS.find(schema.name());
    if (check != CHECKS.end()) check->second(Named(schema, arguments));
    if (is_polynomial(schema.name())) polynomial(Named(schema, arguments));
}
