"""One caller's conversation: menu, prompts, session and flow.

It goes over Asterisk's FastAGI (`session.py`) or the embedded network (`embedded_session.py`); the
scripts know neither.

House rules: what is said and what a key means is data (`config/menus`, `config/prompts`); the
parts that decide are pure; the parts that wait have deadlines. Whatever fails here, the call
leaves without `SAMKO_IVR=done` and the dialplan takes the caller to the fallback queue.
"""
