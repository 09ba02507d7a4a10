// The service worker's decisions, without a browser: plain functions of plain data. `sw.js` carries them out;
// `plan.test.js` checks them under node.
"use strict";

const CACHE = "app-";
// Kept by the browser itself, never from a cache; and what only tools read.
const SKIPPED = ["sw.js", "plan.js", "release.json"];

// The cache of a release.
function cacheOf(release) {
  return CACHE + release;
}

// What a release consists of: [{url, sha256, bytes}], or a throw. A file without a good hash is not a file.
function filesOf(release, expected) {
  if (!release || typeof release.release !== "string" || typeof release.files !== "object") {
    throw new Error("release.json does not parse");
  }
  if (release.release !== expected) throw new Error(`release.json is of ${release.release}, this is ${expected}`);
  const files = [];
  for (const [name, { sha256, bytes }] of Object.entries(release.files)) {
    if (SKIPPED.includes(name) || name.endsWith(".br")) continue;
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error(`${name} has no hash`);
    files.push({ url: name === "index.html" ? "/" : "/" + name, sha256, bytes });
  }
  if (!files.some((file) => file.url === "/")) throw new Error("no index.html in the release");
  return files;
}

// A name that carries the hash of its content: an older cache may hold the very same file.
function immutable(url) {
  return /\.[0-9a-f]{12,64}\.[a-z0-9]+$/.test(url);
}

// Which caches to drop once `current` is active: all of ours but it and the one before it.
function stale(names, current) {
  const ours = names.filter((name) => name.startsWith(CACHE) && name !== current);
  return ours.slice(0, -1);
}

// What to do with a request: the cached path to answer with, or null to leave it to the network.
function answerFrom(request, origin) {
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== origin) return null;
  if (url.pathname.startsWith("/v1/") || SKIPPED.includes(url.pathname.slice(1))) return null;
  if (request.mode === "navigate") return url.pathname === "/" || url.pathname === "/index.html" ? "/" : null;
  return url.pathname;
}

if (typeof module !== "undefined") module.exports = { answerFrom, cacheOf, filesOf, immutable, stale };
