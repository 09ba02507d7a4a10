// The service worker: the app starts without a network, in one release or not at all. It holds files and nothing else:
// it never touches OPFS or IndexedDB, never answers for the relay (/v1/), and clears no site data.
"use strict";
importScripts("plan.js");

const RELEASE = "%RELEASE%";

self.addEventListener("install", (install) => install.waitUntil(take()));
self.addEventListener("activate", (activate) => activate.waitUntil(settle()));
self.addEventListener("message", ({ data }) => data === "SKIP" && self.skipWaiting());
self.addEventListener("fetch", (asked) => {
  const path = answerFrom(asked.request, self.location.origin);
  if (path !== null) asked.respondWith(answer(asked.request, path));
});

// All or nothing: every file is fetched and its hash compared before the first is kept.
async function take() {
  const answered = await fetch("release.json", { cache: "no-store" });
  const files = filesOf(await answered.json(), RELEASE);
  const checked = await Promise.all(files.map(async (file) => [file.url, await fetched(file)]));
  const cache = await caches.open(cacheOf(RELEASE));
  try {
    for (const [url, response] of checked) await cache.put(url, response);
  } catch (why) {
    await caches.delete(cacheOf(RELEASE));
    throw why;
  }
}

async function fetched(file) {
  const older = immutable(file.url) && (await caches.match(file.url));
  const response = older || (await fetch(file.url, { cache: immutable(file.url) ? "default" : "no-store" }));
  if (!response.ok) throw new Error(`${file.url}: ${response.status}`);
  const body = await response.clone().arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
  const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (sha256 !== file.sha256) throw new Error(`${file.url} is not what the release says`);
  return response;
}

async function settle() {
  for (const name of stale(await caches.keys(), cacheOf(RELEASE))) await caches.delete(name);
}

// From this release's cache; what is not in it comes from the network.
async function answer(request, path) {
  const cache = await caches.open(cacheOf(RELEASE));
  return (await cache.match(path)) || fetch(request);
}
