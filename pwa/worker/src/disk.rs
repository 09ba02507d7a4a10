//! Where the book lies: SQLite in the origin's private file system (rung R1), or memory (R3) where a browser gives none.
//!
//! The rung is found by trying, and never lowered in silence: a device that had R1 once and is refused it now stops, with
//! its data where it was, instead of showing an empty book.

use daybook_proto::Rung;
use daybook_store::Store;
use js_sys::Uint8Array;
use sqlite_wasm_vfs::sahpool::{OpfsSAHPoolCfgBuilder, install};
use wasm_bindgen::prelude::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetFileOptions,
    FileSystemSyncAccessHandle,
};

use crate::browser::{self, global, said};

const VFS: &str = "daybook";
const DIRECTORY: &str = ".daybook-book";
const FILE: &str = "book.db";
const PROBE: &str = ".daybook-probe";
/// The worker of a page that was just left may hold its files for a moment.
const TRIES: u32 = 25;
const PAUSE_MS: u64 = 200;

/// Opens the store on the best rung there is. `had` is the rung that this device had before; memory, if that is wanted.
pub(crate) async fn open(had: Option<Rung>) -> Result<(Store, Rung), String> {
    let wanted = match had {
        Some(Rung::Memory) => Err("memory was asked for".to_owned()),
        _ => probe_twice().await,
    };
    if let Err(why) = wanted {
        if had == Some(Rung::Disk) {
            return Err(format!(
                "this device's books are in this browser's storage, but the browser refuses it now ({why})"
            ));
        }
        let store = Store::open(FILE, None).map_err(|why| why.to_string())?;
        return Ok((store, Rung::Memory));
    }
    pool().await?;
    let store = Store::open(FILE, Some(VFS)).map_err(|why| why.to_string())?;
    Ok((store, Rung::Disk))
}

async fn pool() -> Result<(), String> {
    let mut tries = 1;
    loop {
        let config = OpfsSAHPoolCfgBuilder::new()
            .vfs_name(VFS)
            .directory(DIRECTORY)
            .build();
        match install::<sqlite_wasm_rs::WasmOsCallback>(&config, false).await {
            Ok(_) => return Ok(()),
            Err(why) if tries >= TRIES => {
                return Err(format!("the browser's storage cannot be opened: {why}"));
            }
            Err(_) => pause(PAUSE_MS).await,
        }
        tries += 1;
    }
}

async fn pause(ms: u64) {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        browser::after(ms, move || drop(resolve.call0(&JsValue::NULL)));
    });
    let _ = JsFuture::from(promise).await;
}

/// Some browsers fail the first time after a start.
async fn probe_twice() -> Result<(), String> {
    if probe().await.is_ok() {
        return Ok(());
    }
    pause(250).await;
    probe().await.map_err(|why| said(&why))
}

/// Writes, flushes, opens again and compares.
async fn probe() -> Result<(), JsValue> {
    let root = JsFuture::from(global().navigator().storage().get_directory()).await?;
    let root: FileSystemDirectoryHandle = root.dyn_into()?;
    let options = FileSystemGetFileOptions::new();
    options.set_create(true);
    let file = JsFuture::from(root.get_file_handle_with_options(PROBE, &options)).await?;
    let file: FileSystemFileHandle = file.dyn_into()?;
    let written: [u8; 64] = browser::random();
    let handle = access(&file).await?;
    let wrote = handle.write_with_u8_array_and_options(&written, &at_start());
    let flushed = handle.flush();
    handle.close();
    let _ = (wrote?, flushed?);
    let handle = access(&file).await?;
    let read = Uint8Array::new_with_length(64);
    let got = handle.read_with_buffer_source_and_options(&read, &at_start());
    handle.close();
    let _ = (got?, JsFuture::from(root.remove_entry(PROBE)).await?);
    if read.to_vec() == written {
        Ok(())
    } else {
        Err(JsValue::from_str("what was written did not come back"))
    }
}

fn at_start() -> web_sys::FileSystemReadWriteOptions {
    let options = web_sys::FileSystemReadWriteOptions::new();
    options.set_at(0.0);
    options
}

async fn access(file: &FileSystemFileHandle) -> Result<FileSystemSyncAccessHandle, JsValue> {
    JsFuture::from(file.create_sync_access_handle())
        .await?
        .dyn_into()
}
