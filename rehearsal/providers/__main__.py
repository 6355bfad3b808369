"""What a launcher runs: `python -m rehearsal.providers PACKAGE FILE [what Pulumi adds]`. Prints its port, as Pulumi expects."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from rehearsal.providers.resources import Resources
from rehearsal.providers.servicer import Provider
from rehearsal.servers.parent import end_with_parent

_LARGEST_MESSAGE = 400 * 1024 * 1024


def main(words: list[str]) -> int:
    """Serve until the process that started us is gone, or ends us. 2 when the words are not as a launcher writes them."""
    if len(words) < 2:
        sys.stderr.write("This is started by Pulumi: see docs/concepts/rehearsal.md. Run: unless providers\n")
        return 2
    end_with_parent()
    package, file = words[0], Path(words[1])
    options = [("grpc.max_receive_message_length", _LARGEST_MESSAGE), ("grpc.max_send_message_length", _LARGEST_MESSAGE)]
    server = grpc.server(ThreadPoolExecutor(16), options=options)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Provider(package, Resources(package, file)), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    server.wait_for_termination()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
