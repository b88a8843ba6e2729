"""Near duplicates by datasketch: for tests/bench/duplicates.ts, which writes the texts and reads the answer.

A text goes when the index knows one like it, else it joins the index, as datasketch's documentation has it. The sketches
are made once and count for both choices of bands.
"""

import json
import sys
import time

from datasketch import MinHash, MinHashLSH

texts = json.load(open(sys.argv[1], encoding="utf-8"))
threshold = float(sys.argv[2])


def shingles(text):
    words = text.split(" ")
    return [" ".join(words[at : at + 5]).encode() for at in range(len(words) - 4)]


start, cpu = time.perf_counter(), time.process_time()
sketches = MinHash.bulk((shingles(text) for text in texts), num_perm=128)
made, made_cpu = time.perf_counter() - start, time.process_time() - cpu

answers = {}
for name, bands in {"its own bands": {}, "25 bands of 5": {"params": (25, 5)}}.items():
    start, cpu = time.perf_counter(), time.process_time()
    index = MinHashLSH(threshold=threshold, num_perm=128, **bands)
    removed = []
    for row, sketch in enumerate(sketches):
        if index.query(sketch):
            removed.append(row)
        else:
            index.insert(row, sketch)
    seconds, used = time.perf_counter() - start, time.process_time() - cpu
    answers[name] = {"seconds": made + seconds, "cpu": made_cpu + used, "removed": removed}
print(json.dumps(answers))
