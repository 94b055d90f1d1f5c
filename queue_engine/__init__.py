"""The engine: what happened (core), kept (journal), driven (runtime) and heard (telephony)."""
