import { problem, problemResponse } from "@/server/problem";
import { answer } from "@/server/rest/answer";

/** What is said of a request that nothing else here can take apart; `server/rest/guard.ts` sends it to this address. */
export function GET(_request: Request, { params }: RouteContext<"/api/refused/[why]">): Promise<Response> {
  return answer(async () => {
    switch ((await params).why) {
      case "address":
        return problemResponse(problem(400, "The address holds a percent sign that encodes nothing."));
      case "method":
        return problemResponse(problem(405, "Nothing here takes TRACE."), {
          allow: "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
        });
      default:
        return problemResponse(problem(404, "There is nothing here."));
    }
  });
}
