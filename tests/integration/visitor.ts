import { NextRequest } from "next/server";
import { z } from "zod";
import { handlers } from "@/server/auth";

export const SITE = "http://localhost:3000";

/** A browser without pages: it keeps cookies and talks to next-auth's own routes. */
export class Visitor {
  private readonly jar = new Map<string, string>();

  /** The headers its next request would carry. */
  get headers(): Headers {
    const cookie = [...this.jar].map(([name, value]) => `${name}=${value}`).join("; ");
    return new Headers({ host: new URL(SITE).host, cookie });
  }

  keep(response: Response): void {
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value) this.jar.set(name, value);
      else this.jar.delete(name);
    }
  }

  async get(address: string): Promise<Response> {
    const response = await handlers.GET(
      new NextRequest(new URL(address, SITE), { headers: this.headers, redirect: "manual" }),
    );
    this.keep(response);
    return response;
  }

  /** @param more headers of this request, such as what a proxy adds */
  async post(
    path: string,
    form: Record<string, string>,
    more: Record<string, string> = {},
  ): Promise<Response> {
    const csrf = await this.get("/api/auth/csrf");
    const { csrfToken } = z.object({ csrfToken: z.string() }).parse(await csrf.json());
    const response = await handlers.POST(
      new NextRequest(new URL(path, SITE), {
        method: "POST",
        headers: new Headers([...this.headers, ...Object.entries(more)]),
        body: new URLSearchParams({ ...form, csrfToken }),
      }),
    );
    this.keep(response);
    return response;
  }
}
