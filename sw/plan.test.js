// Run with `node --test sw/`.
"use strict";
const test = require("node:test");
const assert = require("node:assert");
const { answerFrom, cacheOf, filesOf, immutable, stale } = require("./plan.js");

const hash = "ab".repeat(32);
const release = (files) => ({ release: "r1", files });
const origin = "https://shop.example";
const get = (path, mode = "cors", method = "GET") => ({ url: new URL(path, origin).href, mode, method });

test("a release is its files, index.html as the root, without what the browser keeps itself", () => {
  const files = { "index.html": { sha256: hash, bytes: 1 }, "sw.js": { sha256: hash, bytes: 1 }, "ui.wasm.br": { sha256: hash, bytes: 1 } };
  assert.deepStrictEqual(filesOf(release(files), "r1"), [{ url: "/", sha256: hash, bytes: 1 }]);
});

test("a release that does not parse, is another one, lacks a hash or the page is refused", () => {
  const page = { "index.html": { sha256: hash, bytes: 1 } };
  assert.throws(() => filesOf(null, "r1"));
  assert.throws(() => filesOf({ release: "r1" }, "r1"));
  assert.throws(() => filesOf(release(page), "r2"));
  assert.throws(() => filesOf(release({ ...page, "a.js": { bytes: 1 } }), "r1"));
  assert.throws(() => filesOf(release({ "a.js": { sha256: hash, bytes: 1 } }), "r1"));
});

test("the release before the current one is kept, older ones are dropped, foreign caches are left alone", () => {
  assert.deepStrictEqual(stale(["app-1", "other", "app-2", "app-3"], "app-3"), ["app-1"]);
  assert.deepStrictEqual(stale(["app-3"], cacheOf("3")), []);
});

test("the relay's answers and the release list never come from a cache", () => {
  for (const path of ["/v1/key", "/v1/books/ab/entries?from=1", "/release.json", "/sw.js"]) {
    assert.strictEqual(answerFrom(get(path), origin), null, path);
  }
  assert.strictEqual(answerFrom(get("/ui.js", "cors", "POST"), origin), null);
  assert.strictEqual(answerFrom({ url: "https://elsewhere.example/ui.js", mode: "cors", method: "GET" }, origin), null);
});

test("opening the app is answered with its page, whatever the query", () => {
  assert.strictEqual(answerFrom(get("/", "navigate"), origin), "/");
  assert.strictEqual(answerFrom(get("/?source=home", "navigate"), origin), "/");
  assert.strictEqual(answerFrom(get("/readyz", "navigate"), origin), null);
  assert.strictEqual(answerFrom(get("/ui.0123456789abcdef.js"), origin), "/ui.0123456789abcdef.js");
});

test("only names with a hash may come from an older cache", () => {
  assert.ok(immutable("/ui.0123456789abcdef.wasm"));
  assert.ok(!immutable("/icons/icon.svg"));
});
