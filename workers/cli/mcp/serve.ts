import { once } from "node:events";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import manifest from "../../../package.json";
import type { ConcordApi } from "../api";
import { Gate } from "./gate";
import { tools } from "./tools";

const INSTRUCTIONS = `Concord collects experts' preferences, freezes them as dataset versions and trains models on them.
Begin with list_projects. What cannot be undone or costs machine time waits for the person's word.`;

/** Serves the API's verbs to an assistant over standard input and output, until it leaves. */
export async function serve(api: ConcordApi): Promise<void> {
  const server = new McpServer(
    { name: "concord", version: manifest.version },
    { instructions: INSTRUCTIONS },
  );
  const hands = { api, gate: new Gate(server.server) };
  for (const { name, title, description, input, changes, call } of tools)
    server.registerTool(
      name,
      {
        title,
        description,
        inputSchema: input,
        annotations: { readOnlyHint: !changes, destructiveHint: false, openWorldHint: false },
      },
      async (given: unknown) => {
        const answer = await call(hands, given);
        const text = typeof answer === "string" ? answer : JSON.stringify(answer, null, 2);
        return { content: [{ type: "text", text }] };
      },
    );
  const transport = new StdioServerTransport();
  await server.connect(transport);
  await once(process.stdin, "close");
  await server.close();
}
