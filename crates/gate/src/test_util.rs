//! Reports, verdicts and hand-offs to test a service with, without a server.
