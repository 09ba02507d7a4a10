//! The witnesses, one file per row of the register.

pub use crate::witness::Witness;

mod a1;
mod d1;
mod g1;
mod s_first;
mod s_seq;

/// Every witness, in the order of the register.
pub const ALL: &[Witness] = &[
    a1::BADGE,
    d1::REPLAY,
    d1::WASM,
    d1::BATCH,
    d1::RESUME,
    g1::RETRY,
    g1::KILL,
    s_seq::ISOLATION,
    s_first::RACE,
];
