// What the service worker's tests use of a test runner, so that they run in the browser that they are about: `test`,
// `assert`, and a closing line that is counted.
"use strict";
const module = { exports: {} };
const asked = [];
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const fail = (why) => {
  throw new Error(why);
};
const assert = {
  ok: (value, why) => value || fail(why || "not true"),
  strictEqual: (a, b, why) => Object.is(a, b) || fail(`${a} is not ${b} ${why || ""}`),
  deepStrictEqual: (a, b) => same(a, b) || fail(`${JSON.stringify(a)} is not ${JSON.stringify(b)}`),
  throws: (run) => {
    try {
      run();
    } catch {
      return;
    }
    fail("did not throw");
  },
};
const parts = { "node:test": (name, run) => asked.push([name, run]), "node:assert": assert };
const require = (name) => parts[name] || module.exports;

async function report() {
  const lines = [];
  let failed = 0;
  for (const [name, run] of asked) {
    try {
      await run();
      lines.push(`test ${name} ... ok`);
    } catch (fault) {
      failed += 1;
      lines.push(`test ${name} ... FAILED: ${fault.message}`);
    }
  }
  const word = failed === 0 ? "ok" : "FAILED";
  lines.push(`test result: ${word}. ${asked.length - failed} passed; ${failed} failed; 0 ignored`);
  document.body.textContent = lines.join("\n");
}
