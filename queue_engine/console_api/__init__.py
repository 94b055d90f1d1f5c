"""HTTP, WebSocket and pages: what people and programs see of the queue, and what they may ask of it."""
