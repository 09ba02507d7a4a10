//! SQLite behind the client's `Persist` and `Load` effects: one code base, native and in the browser.
//!
//! [`Store::apply`] writes one batch in one transaction and returns when it is on the disk. Beside the kernel's rows it
//! keeps typed tables for SQL and screens; the fold never reads them. What is read back is what was written: each row
//! carries a sum, and a byte that changed on the disk is named instead of shown as a figure.
//!
//! **Invariant:** nothing in here knows the network, a verb, or what a figure means.

mod apply;
mod fault;
mod form;
mod load;
mod project;
mod query;
mod schema;
mod seal;
mod store;

pub use fault::{Damage, Difference, StoreFault};
pub use query::{Answer, BYTES_MAX, Cell, KILOSTEPS_MAX, ROWS_MAX, TEXT_MAX};
pub use store::Store;
