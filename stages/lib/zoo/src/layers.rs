//! Layers as a program builder sees them: each adds its calls to the program and its entries to the
//! state.

use program::{Arg, Builder, Program};

use crate::{Entry, EntryKind};

/// `BatchNorm`'s default `eps` in PyTorch.
const EPS: f64 = 1e-5;
/// `BatchNorm`'s default `momentum` in PyTorch.
const MOMENTUM: f64 = 0.1;

/// A network under construction.
pub(crate) struct Net {
    builder: Builder,
    state: Vec<Entry>,
}

impl Net {
    /// A network on images `[N, channels, H, W]`.
    pub(crate) fn on_images(channels: usize) -> Self {
        Self {
            builder: Builder::new("input", &[None, Some(channels), None, None], "f32"),
            state: Vec::new(),
        }
    }

    pub(crate) fn input(&self) -> Arg {
        self.builder.input()
    }

    pub(crate) fn finish(self, output: Arg) -> (Program, Vec<Entry>) {
        (self.builder.finish(output), self.state)
    }

    fn entry(&mut self, name: String, shape: &[usize], kind: EntryKind) -> Arg {
        self.state.push(Entry {
            name: name.clone(),
            shape: shape.into(),
            kind,
        });
        Arg::State(name)
    }

    /// Its weight is `[output, input, kernel, kernel]`; its padding keeps the size at stride 1.
    pub(crate) fn conv(
        &mut self,
        name: &str,
        x: Arg,
        sizes: [usize; 2],
        kernel: usize,
        stride: i64,
        bias: bool,
    ) -> Arg {
        let [input, output] = sizes;
        let weight = self.entry(
            format!("{name}.weight"),
            &[output, input, kernel, kernel],
            EntryKind::Weight,
        );
        let fan_in = input * kernel * kernel;
        let bias = if bias {
            self.entry(
                format!("{name}.bias"),
                &[output],
                EntryKind::Bias { fan_in },
            )
        } else {
            Arg::None(())
        };
        let padding = Arg::Ints(vec![(kernel / 2) as i64; 2]);
        let stride = Arg::Ints(vec![stride; 2]);
        let args = [
            ("input", x),
            ("weight", weight),
            ("bias", bias),
            ("stride", stride),
            ("padding", padding),
        ];
        self.builder.call("aten::conv2d", args)
    }

    /// Batch normalisation over dimension 1, of `size` channels.
    pub(crate) fn norm(&mut self, name: &str, x: Arg, size: usize) -> Arg {
        let kinds = [
            ("weight", EntryKind::NormWeight),
            ("bias", EntryKind::NormBias),
            ("running_mean", EntryKind::RunningMean),
            ("running_var", EntryKind::RunningVar),
        ];
        let [weight, bias, mean, variance] =
            kinds.map(|(suffix, kind)| self.entry(format!("{name}.{suffix}"), &[size], kind));
        let args = [
            ("weight", weight),
            ("bias", bias),
            ("running_mean", mean),
            ("running_var", variance),
            ("input", x),
            ("training", Arg::Bool(false)),
            ("momentum", Arg::Float(MOMENTUM)),
            ("eps", Arg::Float(EPS)),
            ("cudnn_enabled", Arg::Bool(true)),
        ];
        self.entry(
            format!("{name}.num_batches_tracked"),
            &[],
            EntryKind::BatchCount,
        );
        self.builder.call("aten::batch_norm", args)
    }

    pub(crate) fn linear(&mut self, name: &str, x: Arg, sizes: [usize; 2]) -> Arg {
        let [input, output] = sizes;
        let weight = self.entry(
            format!("{name}.weight"),
            &[output, input],
            EntryKind::Weight,
        );
        let bias = self.entry(
            format!("{name}.bias"),
            &[output],
            EntryKind::Bias { fan_in: input },
        );
        self.builder.call(
            "aten::linear",
            [("input", x), ("weight", weight), ("bias", bias)],
        )
    }

    pub(crate) fn relu(&mut self, x: Arg) -> Arg {
        self.builder.call("aten::relu", [("self", x)])
    }

    pub(crate) fn add(&mut self, x: Arg, y: Arg) -> Arg {
        self.builder
            .call("aten::add.Tensor", [("self", x), ("other", y)])
    }

    /// The channels of both, those of `x` first.
    pub(crate) fn concat(&mut self, x: Arg, y: Arg) -> Arg {
        self.builder.call(
            "aten::cat",
            [("tensors", Arg::List(vec![x, y])), ("dim", Arg::Int(1))],
        )
    }

    /// Means of 2×2 pixels.
    pub(crate) fn halve(&mut self, x: Arg) -> Arg {
        self.builder.call(
            "aten::avg_pool2d",
            [("self", x), ("kernel_size", Arg::Ints(vec![2, 2]))],
        )
    }

    /// 2×2 maxima, a last odd row or column included (ceil mode).
    pub(crate) fn max_pool(&mut self, x: Arg) -> Arg {
        let size = Arg::Ints(vec![2, 2]);
        let args = [
            ("self", x),
            ("kernel_size", size.clone()),
            ("stride", size),
            ("ceil_mode", Arg::Bool(true)),
        ];
        self.builder.call("aten::max_pool2d", args)
    }

    /// The mean over each channel: `[N, C, H, W]` to `[N, C]`.
    pub(crate) fn global_average(&mut self, x: Arg) -> Arg {
        let pooled = self.average_to(x, 1);
        self.flatten(pooled)
    }

    /// Means over a grid of `side` × `side` cells; nothing happens to images of that size.
    pub(crate) fn average_to(&mut self, x: Arg, side: usize) -> Arg {
        let size = Arg::Ints(vec![side as i64; 2]);
        self.builder.call(
            "aten::adaptive_avg_pool2d",
            [("self", x), ("output_size", size)],
        )
    }

    /// `[N, C, H, W]` to `[N, C·H·W]`.
    pub(crate) fn flatten(&mut self, x: Arg) -> Arg {
        self.builder.call(
            "aten::flatten.using_ints",
            [("self", x), ("start_dim", Arg::Int(1))],
        )
    }
}
