"""HTTP, WebSocket and pages: what people and programs see of the queue and may ask of it."""
