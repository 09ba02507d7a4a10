//! The shell of one book in a browser: a dedicated worker that feeds `daybook_client` with what happens and carries out
//! what it asks for, one adapter per browser capability. Views become the page's messages here; no rule does.
//!
//! Where secrets lie: the installation's seeds are in the book's own database (`identity`), in the origin's private file
//! system. They are not wrapped yet: whoever reads the browser's profile reads them. They never leave the device.

mod convert;
mod edge;
mod reads;
mod stream;

#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(target_arch = "wasm32")]
mod disk;
#[cfg(target_arch = "wasm32")]
mod net;
#[cfg(target_arch = "wasm32")]
#[allow(
    unreachable_pub,
    reason = "what wasm_bindgen exports is public wherever it stands"
)]
mod shell;

pub use convert::{command, difference, fault, notice_stops, op_name, reply, status};
pub use edge::{Clock, local_day};
pub use reads::answer;
pub use stream::Lines;
