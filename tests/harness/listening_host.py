# SPDX-License-Identifier: Apache-2.0
"""A host that answers at one port of loopback as a test wants it: subclasses say how they serve a client."""
import contextlib
import socket
import threading


class ListeningHost(threading.Thread):
    """One client after the other, from `with` to its end. Port 0: one that is free, see `port`."""

    def __init__(self, address="127.0.0.1", port=0):
        super().__init__(daemon=True)
        self.listener = socket.create_server((address, port))
        self.port = self.listener.getsockname()[1]

    def serve(self, client):
        raise NotImplementedError

    def run(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:  # closed
                return
            with client, contextlib.suppress(OSError):
                self.serve(client)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *unused):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
