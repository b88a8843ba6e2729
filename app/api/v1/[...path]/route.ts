import { contextOf } from "@/server/auth";
import { answer } from "@/server/rest/answer";
import { handleRest } from "@/server/rest/handle";

const handler = (request: Request) => answer(async () => handleRest(request, await contextOf(request)));

export { handler as DELETE, handler as GET, handler as PATCH, handler as POST, handler as PUT };
