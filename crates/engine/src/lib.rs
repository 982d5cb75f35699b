//! The client: session, ingest, archive, outbox, uploads, recording
