"""How a command is told where the engine is; what comes of it: `api_client.engine_address`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

URL_VARIABLE: Final = "SAMKO_URL"
TOKEN_VARIABLE: Final = "SAMKO_TOKEN"


def add_address_options(parser: argparse.ArgumentParser) -> None:
    """`--url` and `--token`."""
    parser.add_argument(
        "--url", help=f"where the engine is; else ${URL_VARIABLE}, else as samko.yaml says"
    )
    parser.add_argument(
        "--token",
        type=Path,
        metavar="FILE",
        help=f"file with the engine's token; else ${TOKEN_VARIABLE}, else var_dir/http.token",
    )
