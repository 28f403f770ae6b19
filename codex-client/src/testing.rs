//! A kit to test agents against the real runtime with only the model mocked.
