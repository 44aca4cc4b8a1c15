//! What is said of filters that do not lie along axis 0, or of which no layer tells.

use weights::Weight;

/// The weights whose filters do not lie along axis 0, in words.
pub(crate) fn unusual(weights: &[Weight]) -> Option<String> {
    let mut told = Vec::new();
    for weight in weights {
        let filters = &weight.filters;
        if !weight.has_filters() || filters.are_usual() {
            continue;
        }
        let axes: Vec<String> = filters.axes.iter().map(ToString::to_string).collect();
        let groups = if filters.groups > 1 {
            format!(" in {} groups", filters.groups)
        } else {
            String::new()
        };
        told.push(format!(
            "{}: axis {}{groups}",
            weight.name,
            axes.join(" and ")
        ));
    }
    (!told.is_empty()).then(|| told.join("; "))
}

/// Names the weights of which no layer tells where its outputs lie.
pub(crate) fn say_untold(output: &stage::Output, axis: &str, weights: &[Weight]) {
    let mut untold = Vec::new();
    for weight in weights {
        if weight.has_filters() && !weight.filters.told {
            untold.push(weight.name);
        }
    }
    if !untold.is_empty() {
        output.say(format!(
            "no layer tells the filters of {}: slices along axis 0 are taken for the {axis} \
             direction",
            untold.join(", ")
        ));
    }
}
