//! The browser's part: functions of `boot.js`.

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// Sends a frame to the worker, now or when it is there.
    #[wasm_bindgen(js_namespace = daybook)]
    pub(super) fn post(frame: Vec<u8>);
    /// A decimal string as the reader's language writes it.
    #[wasm_bindgen(js_namespace = daybook)]
    pub(super) fn amount(decimal: &str) -> String;
    /// The local day, as `2026-11-21`.
    #[wasm_bindgen(js_namespace = daybook)]
    pub(super) fn today() -> String;
    /// Fresh random bytes.
    #[wasm_bindgen(js_namespace = daybook)]
    pub(super) fn random(length: u32) -> Vec<u8>;
    /// The fragment of the address, with its `#`.
    #[wasm_bindgen(js_namespace = daybook)]
    pub(super) fn fragment() -> String;
    /// Scheme, host and port of the address.
    #[wasm_bindgen(js_namespace = daybook)]
    pub(super) fn origin() -> String;
    /// Goes to an address, keeping the one before.
    #[wasm_bindgen(js_namespace = daybook)]
    pub(super) fn go(href: &str);
    /// Goes to an address in the place of the one before.
    #[wasm_bindgen(js_namespace = daybook)]
    pub(super) fn replace(href: &str);
    /// Goes back.
    #[wasm_bindgen(js_namespace = daybook)]
    pub(super) fn back();
    /// Puts a text on the clipboard.
    #[wasm_bindgen(js_namespace = daybook)]
    pub(super) fn copy(text: &str);
    /// Moves the focus after the next paint.
    #[wasm_bindgen(js_namespace = daybook)]
    pub(super) fn focus(selector: &str);
    /// Names the page.
    #[wasm_bindgen(js_namespace = daybook)]
    pub(super) fn title(text: &str);
    /// Remembers where this device keeps its books.
    #[wasm_bindgen(js_namespace = daybook)]
    pub(super) fn settled(rung: &str);
    /// Asks the browser to keep the data; nobody waits for its answer.
    #[wasm_bindgen(js_namespace = daybook)]
    pub(super) fn persist();
    /// Takes the version that waits, and loads the page again.
    #[wasm_bindgen(js_namespace = daybook)]
    pub(super) fn update();
}

/// A fresh id for a row that an op makes (a version 8 UUID, so that it is never mistaken for a time or a name).
pub(super) fn fresh_id() -> [u8; 16] {
    let mut id: [u8; 16] = random(16).try_into().unwrap_or_default();
    id[6] = id[6] & 0x0f | 0x80;
    id[8] = id[8] & 0x3f | 0x80;
    id
}
