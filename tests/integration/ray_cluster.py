"""A real two-node Ray cluster on this machine: `python ray_cluster.py PORT`. Takes commands from standard input:
`restart` ends the cluster as if all machines lost power and starts another; the end of the input ends it."""

import os
import signal
import sys

import psutil
from ray.cluster_utils import Cluster

SMALL = {"num_cpus": 2, "object_store_memory": 100 * 2**20}
# A machine at work with other tests takes much longer than Ray expects.
SLOW_S = 240


def start(port: int) -> Cluster:
    cluster = Cluster()
    cluster.add_node(
        **SMALL, wait=False, include_dashboard=True, dashboard_host="127.0.0.1", dashboard_port=port
    )
    cluster.add_node(**SMALL, wait=False)
    cluster.wait_for_nodes(SLOW_S)
    print("up", flush=True)
    return cluster


def kill() -> None:
    for process in psutil.Process().children(recursive=True):
        try:
            process.send_signal(signal.SIGKILL)
        except psutil.NoSuchProcess:
            pass


port = int(sys.argv[1])
cluster = start(port)
for line in sys.stdin:
    if line.strip() == "restart":
        kill()
        cluster.shutdown()
        cluster = start(port)
kill()
os._exit(0)
