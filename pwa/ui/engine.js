// The worker's entry: keeps what the page says until the book's wasm is there, then hands everything on.
import init, { start, receive } from "./%WORKER_JS%";

const early = [];
self.onmessage = ({ data }) => early.push(data);

async function run() {
  await init({ module_or_path: new URL("./%WORKER_WASM%", import.meta.url) });
  await start(self.location.origin, new URL("./%ERP_AST%", import.meta.url).href, self.name);
  self.onmessage = ({ data }) => receive(data);
  for (const frame of early.splice(0)) receive(frame);
  canary();
}

// The browser can take an origin's storage away while files are open, and writing to them goes on without an error.
// A connection to a database next to them is told.
function canary() {
  const opened = indexedDB.open("daybook-canary", 1);
  opened.onsuccess = () => {
    opened.result.onclose = () => {
      self.onmessage = null;
      self.postMessage("The browser has cleared this app's storage. What is not at the relay is lost on this device.");
    };
  };
}

// A string is not a frame: it says why the worker stands still.
run().catch((why) => self.postMessage(String(why)));
