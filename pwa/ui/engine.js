// The worker's entry: keeps what the page says until the book's wasm is there, then hands everything on.
import init, { start, receive } from "./%WORKER_JS%";

const early = [];
self.onmessage = ({ data }) => early.push(data);

async function run() {
  await init({ module_or_path: new URL("./%WORKER_WASM%", import.meta.url) });
  await start(self.location.origin, new URL("./%ERP_AST%", import.meta.url).href);
  self.onmessage = ({ data }) => receive(data);
  for (const frame of early.splice(0)) receive(frame);
}

// A string is not a frame: it says why the worker stands still.
run().catch((why) => self.postMessage(String(why)));
