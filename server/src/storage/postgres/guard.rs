//! Refuses to start where the wall would not hold.
