#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Memory of the agent with N idle connections, and how long one more client waits for an answer.

  idle.py SOCKET PID [N]      (default 5000)
"""
import resource
import socket
import statistics
import sys
import time

path, pid, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 5000
resource.setrlimit(resource.RLIMIT_NOFILE, (count + 100, max(count + 100, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))


def connect():
    client = socket.socket(socket.AF_UNIX)
    client.connect(path)
    client.settimeout(30)
    client.recv(512)
    return client


def memory_mb():
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Pss:")) / 1024


before = memory_mb()
clients = [connect() for _ in range(count)]
for client in clients:
    client.sendall(b"LHLO idle.example\r\n")
for client in clients:
    client.recv(1024)
time.sleep(0.5)
times = []
for client in clients[:: max(1, count // 200)]:
    start = time.perf_counter()
    client.sendall(b"NOOP\r\n")
    client.recv(512)
    times.append((time.perf_counter() - start) * 1000)
start = time.perf_counter()
connect().close()
fresh = (time.perf_counter() - start) * 1000
print(f"connections {count}, PSS {before:.1f} -> {memory_mb():.1f} MB, "
      f"NOOP p50 {statistics.median(times):.2f} ms max {max(times):.2f} ms, new connection {fresh:.2f} ms")
