import { contextOf } from "@/server/auth";
import { handleOpenAi } from "@/server/serving/openai/handle";

const handler = (request: Request) => handleOpenAi(request, contextOf);

export { handler as DELETE, handler as GET, handler as POST };
