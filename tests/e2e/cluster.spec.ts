import { RayServer } from "@/tests/ray-server";
import { expectAccessible } from "./accessible";
import { signedInAdmin } from "./admin";
import { adminApi, expect, test } from "./fixtures";

test("an admin sets a Ray cluster, hears what is wrong with it, sees its machines, and adds a GPU machine", async ({
  page,
}) => {
  const ray = await RayServer.start();
  ray.token = "right";
  ray.nodes = [{ CPU: 8 }, { CPU: 64, GPU: 8 }];
  const submissionId = "concord-01890000-0000-7000-8000-000000000000-1";
  ray.jobs.set(submissionId, {
    status: "RUNNING",
    message: "",
    entrypoint: "",
    runtime_env: { working_dir: "", env_vars: {} },
    metadata: {},
  });
  await signedInAdmin(page);
  await page.goto("/admin");
  await page.getByRole("link", { name: "Cluster" }).click();
  await expect(page.getByText("No cluster is set.")).toBeVisible();
  await expectAccessible(page);

  await page.getByLabel("Address of the dashboard").fill(ray.address);
  await page.getByLabel("Token (optional)").fill("wrong");
  await page.getByRole("button", { name: "Set the cluster" }).click();
  await expect(page.getByText("does not accept the cluster's token")).toBeVisible();
  await page.getByLabel("Token (optional)").fill("right");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Ray 2.60.0")).toContainText(
    "2 machines · 71 of 72 CPU free · 8 of 8 GPU free",
  );
  await expect(page.getByRole("region", { name: "Our jobs on the cluster" })).toContainText(submissionId);
  await expect(page.getByLabel("Token (optional)")).toHaveValue("");
  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ colorScheme: "dark" });
  await expectAccessible(page);

  ray.close();
  await page.getByRole("button", { name: "Test connection" }).click();
  await expect(page.getByText("does not answer (ECONNREFUSED)")).toBeVisible();
  await page.getByRole("button", { name: "Remove the cluster" }).click();
  await expect(page.getByText("No cluster is set.")).toBeVisible();

  await page.getByRole("button", { name: "Add a machine" }).click();
  await page.getByLabel("Machine", { exact: true }).fill("gpu-01");
  await page.getByRole("button", { name: "Make token" }).click();
  const command = await page.getByLabel("Run this there").inputValue();
  const [, token] = /^npx concord worker --engine torch .+ --token (cmachine_\S+)$/.exec(command) ?? [];
  const known = await page.request.head(`/api/artifacts/${"0".repeat(64)}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(known.status(), "the token opens the store, which has no such artifact").toBe(404);
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByRole("button", { name: "Revoke the token of gpu-01" }).click();
  await expect(page.getByText("revoked")).toBeVisible();
  expect((await adminApi().machine.tokens.query())[0].revokedAt).not.toBeNull();
});
