import { pythonOutputFunctions } from "./python-output";
import { pythonStripFunctions } from "./python-strip";

/** What every template may use: Python's constants and `range`, and what a rewritten template calls. */
export const pythonGlobals: Readonly<Record<string, unknown>> = {
  ...pythonStripFunctions,
  ...pythonOutputFunctions,
  true: true,
  True: true,
  false: false,
  False: false,
  none: null,
  None: null,
  range(first: number, end?: number, step = 1) {
    const [from, to] = end === undefined ? [0, first] : [first, end];
    if (step === 0) throw new Error("range() arg 3 must not be zero");
    return Array.from({ length: Math.max(0, Math.ceil((to - from) / step)) }, (_, i) => from + i * step);
  },
};
