// The page's entry. It paints first, then starts the worker that holds the book. Only one tab may write: the holder of
// a Web Lock runs the worker, every other tab says so and tries again (it never queues: a queued request can starve).
import init, { receive, tell } from "./%UI_JS%";

const LOCK = "daybook/writer";
// Where this device kept its books before; the worker must not open an empty one elsewhere.
const RUNG = "daybook/rung";
const RETRY_MS = 1000;
const early = [];
let worker = null;
let release = () => {};
const amounts = new Intl.NumberFormat(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

// What the page's Rust calls.
globalThis.daybook = {
  post(frame) {
    if (worker) worker.postMessage(frame, [frame.buffer]);
    else early.push(frame);
  },
  // A decimal string, formatted exactly: it never becomes a binary float.
  amount: (decimal) => amounts.format(decimal),
  today() {
    const now = new Date();
    return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
  },
  random: (length) => crypto.getRandomValues(new Uint8Array(length)),
  fragment: () => location.hash,
  origin: () => location.origin,
  go(href) {
    if (location.hash === href) tell("address", href);
    else location.hash = href;
  },
  replace(href) {
    history.replaceState(null, "", href);
    tell("address", href);
  },
  back: () => history.back(),
  copy: (text) => navigator.clipboard?.writeText(text).catch(() => {}),
  focus: (selector) => requestAnimationFrame(() => document.querySelector(selector)?.focus()),
  title(text) {
    document.title = text;
  },
  settled: (rung) => localStorage.setItem(RUNG, rung),
  persist: () => navigator.storage?.persist?.().catch(() => false),
  update() {
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
    navigator.serviceWorker.getRegistration().then((found) => found?.waiting?.postMessage("SKIP"));
  },
};

// `?off=opfs` forces memory, for tests and support: the page says so for as long as it lasts.
function rung() {
  const off = new URLSearchParams(location.search).get("off") ?? "";
  return off.split(",").includes("opfs") ? "R3" : (localStorage.getItem(RUNG) ?? "");
}

function open() {
  worker = new Worker(new URL("./%ENGINE_JS%", import.meta.url), { type: "module", name: rung() });
  worker.onmessage = ({ data }) => (typeof data === "string" ? tell("broken", data) : receive(data));
  worker.onerror = (fault) => tell("broken", fault.message || "the worker could not be loaded");
  for (const frame of early.splice(0)) globalThis.daybook.post(frame);
}

async function lead() {
  if (!navigator.locks) return open();
  for (;;) {
    await navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => {
      if (!lock) return tell("follower", "");
      tell("leader", "");
      open();
      return new Promise((done) => (release = done));
    });
    if (worker) return;
    await new Promise((done) => setTimeout(done, RETRY_MS));
  }
}

// Leaving: a page in the back-forward cache must not keep the database or the lock.
addEventListener("pagehide", () => {
  worker?.terminate();
  release();
});
addEventListener("pageshow", (shown) => shown.persisted && location.reload());
addEventListener("hashchange", () => tell("address", location.hash));
addEventListener("online", () => tell("network", "online"));
addEventListener("offline", () => tell("network", "offline"));
document.addEventListener("visibilitychange", () => document.hidden || tell("visible", ""));

async function serviceWorker() {
  if (!("serviceWorker" in navigator)) return;
  const found = await navigator.serviceWorker.register("/sw.js", { updateViaCache: "none" });
  const waiting = () => found.waiting && navigator.serviceWorker.controller && tell("update", "");
  waiting();
  found.addEventListener("updatefound", () => found.installing?.addEventListener("statechange", waiting));
  await navigator.serviceWorker.ready;
  document.documentElement.dataset.offline = "ready";
  tell("offline-ready", "");
}

try {
  await init({ module_or_path: new URL("./%UI_WASM%", import.meta.url) });
  tell("network", navigator.onLine ? "online" : "offline");
  lead().catch((why) => tell("broken", String(why)));
  serviceWorker().catch((why) => console.warn("no offline start:", why));
} catch (why) {
  document.querySelector("#app p").textContent = `The app could not be loaded: ${why}`;
}
