"""llama.cpp's own HTTP server in this process: a server that is not ours. Usage: llama_server.py MODEL.gguf [PLACES]"""

import signal
import sys

import xllamacpp

params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.hostnames = ["127.0.0.1"]
params.port = 0
params.n_ctx = 4096
params.n_parallel = int(sys.argv[2]) if len(sys.argv) > 2 else 2
params.model_alias = {"smollm2-135m"}
params.use_jinja = True
params.warmup = False
# Two threads on a busy machine wait for each other more than they work.
params.cpuparams.n_threads = 1
server = xllamacpp.Server(params)
print("listening", server.listening_address, flush=True)
signal.sigwait([signal.SIGTERM, signal.SIGINT])
