//! The worker's own global: clock, chance, timers, posting to the page.

use js_sys::{ArrayBuffer, Date, Uint8Array};
use wasm_bindgen::prelude::{Closure, JsCast as _, JsValue};
use web_sys::DedicatedWorkerGlobalScope;

use crate::edge::Clock;

pub(crate) fn global() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// What the device's clock says.
pub(crate) fn clock() -> Clock {
    let now = Date::new_0();
    Clock {
        now_ms: whole(now.get_time()),
        offset_min: i32::try_from(whole(now.get_timezone_offset())).unwrap_or(0),
    }
}

/// Milliseconds since 1970-01-01T00:00Z.
pub(crate) fn now_ms() -> i64 {
    whole(Date::now())
}

/// JavaScript's numbers for times are whole and far below 2^53.
fn whole(number: f64) -> i64 {
    format!("{number:.0}").parse().unwrap_or(0)
}

/// Fresh random bytes. The worker stops where there are none: seeds and ids would not be its own.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    let filled = global()
        .crypto()
        .and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes));
    assert!(filled.is_ok(), "the browser gives no random bytes");
    bytes
}

/// Sends a frame to the page, without copying it twice.
pub(crate) fn post(frame: &[u8]) {
    let bytes = Uint8Array::from(frame);
    let buffers = js_sys::Array::of1(&bytes.buffer());
    // It fails only if the page is gone, and then nobody misses it.
    let _ = global().post_message_with_transfer(&bytes, &buffers);
}

/// Calls back after so many milliseconds; gives what cancels it.
pub(crate) fn after(ms: u64, then: impl FnOnce() + 'static) -> Option<i32> {
    let then = Closure::once_into_js(then);
    let ms = i32::try_from(ms).unwrap_or(i32::MAX);
    global()
        .set_timeout_with_callback_and_timeout_and_arguments_0(then.unchecked_ref(), ms)
        .ok()
}

/// Cancels [`after`].
pub(crate) fn cancel(timer: i32) {
    global().clear_timeout_with_handle(timer);
}

/// Bytes of memory that this module holds.
pub(crate) fn memory() -> u64 {
    let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    let buffer: ArrayBuffer = memory.buffer().unchecked_into();
    u64::from(buffer.byte_length())
}

/// A way to be called again after everything that waits in the event loop: no timer's least pause.
#[derive(Debug)]
pub(crate) struct Turns {
    port: web_sys::MessagePort,
}

impl Turns {
    pub(crate) fn new(turn: impl Fn() + 'static) -> Result<Self, JsValue> {
        let channel = web_sys::MessageChannel::new()?;
        let turn = Closure::<dyn Fn()>::new(turn);
        channel
            .port1()
            .set_onmessage(Some(turn.as_ref().unchecked_ref()));
        turn.forget();
        Ok(Self {
            port: channel.port2(),
        })
    }

    /// Asks for one call.
    pub(crate) fn ask(&self) {
        let _ = self.port.post_message(&JsValue::NULL);
    }
}

/// What a thrown value says.
pub(crate) fn said(thrown: &JsValue) -> String {
    let error = thrown.dyn_ref::<js_sys::Error>();
    error.map_or_else(
        || format!("{thrown:?}"),
        |error| {
            format!(
                "{}: {}",
                String::from(error.name()),
                String::from(error.message())
            )
        },
    )
}
