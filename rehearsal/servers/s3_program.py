"""The program that `s3_server` starts: moto's S3 on the port given as its argument, without a line per request."""

from __future__ import annotations

import logging
import sys

from rehearsal.servers.parent import end_with_parent


def main(port: int) -> None:
    """Serve until the process is ended."""
    from moto.moto_server.werkzeug_app import MotoRequestHandler, create_backend_app
    from werkzeug.serving import run_simple

    class KeptOpen(MotoRequestHandler):
        """Connections that stay open for the next request, as a real store's do."""

        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

    end_with_parent()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    # S3 alone: moto's own dispatcher looks through every service's folder for each request, which costs as much as S3 itself.
    application = create_backend_app("s3")
    run_simple("127.0.0.1", port, application, threaded=True, request_handler=KeptOpen)


if __name__ == "__main__":
    main(int(sys.argv[1]))
