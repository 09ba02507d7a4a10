//! The whole kernel as a program without a host. Built for wasm it shows what the kernel needs from outside (nothing) and
//! what it computes with (no float): `lint` reads both off the file that `cargo xtask test` builds.
//!
//! The inputs come out of a black box, so that the optimiser has to keep every path that any input can take.

use daybook_client::{Client, Config, Input};
use std::hint::black_box;

fn main() {
    let bytes: Vec<u8> = black_box(Vec::new());
    drop(black_box(daybook_fold::replay(&bytes)));
    drop(black_box(daybook_manifest::compile(
        &String::from_utf8_lossy(&bytes),
    )));
    let mut client = Client::new(black_box(Config::default()));
    drop(black_box(
        client.handle(black_box(0), black_box(Input::Start)),
    ));
}
