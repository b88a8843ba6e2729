import type { Server } from "@modelcontextprotocol/sdk/server/index.js";

/** People read before they answer. */
const PATIENCE_MS = 10 * 60_000;

/** Something that cannot be undone or that costs, as it was asked for. */
interface Wish {
  tool: string;
  /** Everything that makes it the same wish, but for `confirm`. */
  input: unknown;
  confirm: boolean;
  /** What would happen, for whoever decides; asked for only where it is to be told. */
  question(): Promise<string>;
}

/**
 * Lets nothing through that a person did not agree to. Where the client can show a question, the person answers it;
 * elsewhere the same call has to come a second time with `confirm: true`, after what would happen was told: an
 * assistant that sends it at once has not shown it to anybody.
 */
export class Gate {
  readonly #server: Server;
  readonly #told = new Set<string>();

  constructor(server: Server) {
    this.#server = server;
  }

  /** @returns undefined when it may be done; else what is answered instead */
  async holds({ tool, input, confirm, question }: Wish): Promise<string | undefined> {
    if (this.#server.getClientCapabilities()?.elicitation) {
      const { action, content } = await this.#server.elicitInput(
        {
          message: await question(),
          requestedSchema: {
            type: "object",
            properties: { confirm: { type: "boolean", title: "Yes, do it", default: false } },
            required: ["confirm"],
          },
        },
        { timeout: PATIENCE_MS },
      );
      const agreed = action === "accept" && content?.confirm === true;
      return agreed ? undefined : "Nothing was done: the person did not agree.";
    }
    const wish = JSON.stringify([tool, input]);
    if (confirm && this.#told.delete(wish)) return undefined;
    const told = await question();
    this.#told.add(wish);
    return `Nothing was done yet. ${told} Show this to the person; if they agree, call ${tool} again with the same arguments and confirm: true.`;
  }
}
