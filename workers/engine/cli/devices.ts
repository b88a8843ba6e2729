import * as ops from "../graph/ops";
import { type Device, Session } from "../graph/session";

/** Prints, as a JSON list, the devices on which a graph can be opened here. */
const all: readonly Device[] = ["cpu", "webgpu", "cuda"];
const works = await Promise.all(
  all.map(async (device) => {
    try {
      const session = await Session.open({ sum: ops.add(ops.input("x", [1]), 1) }, { device, threads: 1 });
      await session.release();
      return true;
    } catch {
      return false; // no driver, or no provider: said to whoever asks for it in a run
    }
  }),
);
process.stdout.write(JSON.stringify(all.filter((_, index) => works[index])));
