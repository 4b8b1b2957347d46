//! Peers and inputs shared by the benches.
