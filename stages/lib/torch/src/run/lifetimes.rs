//! How long values are kept, and which of them a program writes into.

use std::collections::{HashMap, HashSet};

use super::step::Step;

/// Of the first `count` slots (the state and the inputs) those that calls write into, themselves or
/// through views.
pub(super) fn written(steps: &[Step], count: usize) -> Vec<usize> {
    let mut roots = Roots::new(count);
    let mut written = HashSet::new();
    for step in steps {
        written.extend(roots.of(&step.writes()));
        let shared = roots.of(&step.shared());
        if shared.is_empty() {
            continue;
        }
        for output in &step.outputs {
            roots.0.insert(*output, shared.clone());
        }
    }
    let mut written: Vec<usize> = written.into_iter().collect();
    written.sort_unstable();
    written
}

/// The slots of the state and the inputs whose memory each slot can share.
struct Roots(HashMap<usize, HashSet<usize>>);

impl Roots {
    /// Each of the state and the inputs has its own memory.
    fn new(count: usize) -> Self {
        let own = (0..count).map(|slot| (slot, HashSet::from([slot])));
        Self(own.collect())
    }

    fn of(&self, slots: &[usize]) -> HashSet<usize> {
        let mut roots = HashSet::new();
        for slot in slots {
            if let Some(found) = self.0.get(slot) {
                roots.extend(found);
            }
        }
        roots
    }
}

/// Lets each step drop the values that it is the last to use, so that memory stays that of the
/// widest place. The first `state` slots are never dropped.
pub(super) fn forget_after_last_use(steps: &mut [Step], outputs: &[usize], state: usize) {
    let mut needed: HashSet<usize> = outputs.iter().copied().collect();
    for step in steps.iter_mut().rev() {
        let mut last_use = Vec::new();
        for slot in step.uses().chain(step.outputs.iter().copied()) {
            if slot >= state && needed.insert(slot) {
                last_use.push(slot);
            }
        }
        step.last_use = last_use;
    }
}
