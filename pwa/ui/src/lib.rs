//! The page: screens drawn from the worker's view models. It parses no entry and computes no balance.
//!
//! What can be tested without a browser is in plain functions ([`format`], [`cart`], [`ops`], [`route`], [`words`]); the
//! components (`page`) exist in the browser only.

pub mod cart;
pub mod format;
pub mod ops;
pub mod route;
pub mod words;

#[cfg(target_arch = "wasm32")]
#[allow(
    unreachable_pub,
    reason = "what the component and wasm_bindgen macros make is public wherever it stands"
)]
mod page;
