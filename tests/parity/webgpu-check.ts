/** The process that webgpu.test.ts starts with a software driver: prints how far a family is from torch. */
import { compareWithTorch } from "./family-check";

console.log(JSON.stringify(await compareWithTorch(process.argv[2], "products", "webgpu")));
