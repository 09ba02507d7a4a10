//! How much an op can make an interpreter do, counted before it runs.

/// Statements with loop elements, and expression nodes; both for the worst inputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cost {
    pub(super) steps: u64,
    pub(super) work: u64,
}

impl Cost {
    pub(super) const NODE: Cost = Cost { steps: 0, work: 1 };
    pub(super) const STEP: Cost = Cost { steps: 1, work: 1 };

    pub(super) fn and(self, other: Cost) -> Cost {
        Cost {
            steps: self.steps.saturating_add(other.steps),
            work: self.work.saturating_add(other.work),
        }
    }

    pub(super) fn or(self, other: Cost) -> Cost {
        Cost {
            steps: self.steps.max(other.steps),
            work: self.work.max(other.work),
        }
    }

    /// Of a loop: each element is a step of its own.
    pub(super) fn times(self, count: u16) -> Cost {
        let each = self.and(Cost::STEP);
        Cost {
            steps: each.steps.saturating_mul(count.into()),
            work: each.work.saturating_mul(count.into()),
        }
    }
}
