//! Requests to the relay, by `fetch`. They come signed; nothing is added.

use daybook_client::Request;
use daybook_client::limits::ANSWER_BYTES_MAX;
use js_sys::Uint8Array;
use wasm_bindgen::prelude::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, AbortSignal, Headers, ReadableStreamDefaultReader, RequestInit, Response,
};

use crate::browser::global;
use crate::stream::Lines;

/// Sends a request: status and body, or none when no whole answer came back in time.
pub(crate) async fn send(request: &Request) -> Option<(u16, Vec<u8>)> {
    let signal =
        (request.timeout_ms > 0).then(|| AbortSignal::timeout_with_u32(request.timeout_ms));
    let response = fetch(request, signal.as_ref()).await.ok()?;
    let body = JsFuture::from(response.array_buffer().ok()?).await.ok()?;
    let body = Uint8Array::new(&body);
    let kept = body.subarray(0, u32::try_from(ANSWER_BYTES_MAX).unwrap_or(u32::MAX));
    Some((response.status(), kept.to_vec()))
}

/// Reads a tail until it ends or is aborted; says each position that it tells.
pub(crate) async fn tail(request: &Request, abort: &AbortController, mut told: impl FnMut(u64)) {
    let Ok(response) = fetch(request, Some(&abort.signal())).await else {
        return;
    };
    let Some(body) = response.body().filter(|_| response.ok()) else {
        return;
    };
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    let mut lines = Lines::default();
    while let Ok(chunk) = JsFuture::from(reader.read()).await {
        let bytes = js_sys::Reflect::get(&chunk, &"value".into()).unwrap_or(JsValue::UNDEFINED);
        let Ok(bytes) = bytes.dyn_into::<Uint8Array>() else {
            return;
        };
        if let Some(position) = lines.take(&bytes.to_vec()) {
            told(position);
        }
    }
}

/// A file of the app.
pub(crate) async fn file(url: &str) -> Option<Vec<u8>> {
    let response: Response = JsFuture::from(global().fetch_with_str(url))
        .await
        .ok()?
        .dyn_into()
        .ok()?;
    let body = JsFuture::from(response.array_buffer().ok()?).await.ok()?;
    response.ok().then(|| Uint8Array::new(&body).to_vec())
}

async fn fetch(request: &Request, signal: Option<&AbortSignal>) -> Result<Response, JsValue> {
    let headers = Headers::new()?;
    for (name, value) in &request.headers {
        headers.set(name, value)?;
    }
    let init = RequestInit::new();
    init.set_method(request.method);
    init.set_headers(&headers);
    init.set_cache(web_sys::RequestCache::NoStore);
    init.set_redirect(web_sys::RequestRedirect::Error);
    init.set_credentials(web_sys::RequestCredentials::Omit);
    init.set_signal(signal);
    if !request.body.is_empty() {
        init.set_body(&Uint8Array::from(request.body.as_slice()));
    }
    let url = format!("{}{}", request.base, request.path_and_query);
    JsFuture::from(global().fetch_with_str_and_init(&url, &init))
        .await?
        .dyn_into()
}
