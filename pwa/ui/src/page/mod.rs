//! Components and their browser. Mounted by [`start`], told by `boot.js` through [`receive`] and [`tell`].

mod app;
mod bits;
mod browser;
mod port;
mod state;

mod balance;
mod book;
mod counter;
mod document;
mod documents;
mod item;
mod lines;
mod op;
mod start;
mod till;

use wasm_bindgen::prelude::wasm_bindgen;

/// Draws the page.
#[wasm_bindgen(start)]
pub fn start() {
    app::mount();
}

/// A frame from the worker.
#[wasm_bindgen]
pub fn receive(frame: &[u8]) {
    port::receive(frame);
}

/// Something that the browser says: the address, the network, another tab, a new version.
#[wasm_bindgen]
pub fn tell(what: &str, detail: &str) {
    port::tell(what, detail);
}
