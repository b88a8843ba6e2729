import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { nightly } from "@/tests/nightly";
import { usableDevices } from "@/workers/training/engines";

/** SwiftShader, a Vulkan driver in software, as Debian's chromium brings it with its own loader. */
const folder = "/usr/lib/chromium";
const driver = `${folder}/vk_swiftshader_icd.json`;
const errors = z.object({ loss: z.number(), logp: z.number(), gradients: z.record(z.string(), z.number()) });

/** WGSL lets a device take tanh, sine and cosine to 2⁻¹¹; SwiftShader does: 3e-4 through gemma2's soft caps. */
const tolerance = 1e-3;

// The loader reads both before the process starts.
const variables = { LD_LIBRARY_PATH: folder, VK_ICD_FILENAMES: driver };
const absent = `${driver} is absent: install Debian's chromium to test WebGPU without a GPU`;

describe("on a GPU, through WebGPU", () => {
  it("a machine says that it can compute there", async ({ skip }) => {
    if (!existsSync(driver)) skip(absent);
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    expect(await usableDevices()).toEqual(["cpu", "webgpu"]);
    vi.unstubAllEnvs();
  });

  for (const family of nightly ? ["llama", "gemma2"] : ["gemma2"]) {
    it(`${family}'s log-probabilities and gradients equal torch's`, ({ skip }) => {
      if (!existsSync(driver)) skip(absent);
      const child = spawnSync(process.execPath, ["--import", "tsx", "tests/parity/webgpu-check.ts", family], {
        encoding: "utf8",
        env: { ...process.env, ...variables },
      });
      expect(child.stderr).not.toContain("Error");
      const { loss, logp, gradients } = errors.parse(JSON.parse(child.stdout));
      expect(loss).toBeLessThan(tolerance);
      expect(logp).toBeLessThan(tolerance);
      expect(Object.entries(gradients).filter(([, error]) => !(error <= tolerance))).toEqual([]);
    });
  }
});
