//! Stands for a module whose feature is off. Empty.
