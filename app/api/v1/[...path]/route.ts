import { contextOf } from "@/server/auth";
import { handleRest } from "@/server/rest/handle";

const handler = async (request: Request) => handleRest(request, await contextOf(request.headers));

export { handler as DELETE, handler as GET, handler as PATCH, handler as POST, handler as PUT };
