//! Manifests with random names, for tests that nothing in a kernel knows a name.
