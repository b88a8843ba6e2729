import { InferenceSession, Tensor } from "onnxruntime-node";

/** What onnxruntime answers when it opens a model.onnx as anybody would. */
export async function onnxAnswer(
  file: string,
  ids: readonly number[],
): Promise<{ numbers: Float32Array; dims: readonly number[] }> {
  const session = await InferenceSession.create(file);
  const vector = (numbers: readonly number[]) =>
    new Tensor("int64", BigInt64Array.from(numbers, BigInt), [numbers.length]);
  const answers = await session.run({ input_ids: vector(ids), position_ids: vector(ids.map((_, at) => at)) });
  await session.release();
  const [{ data, dims }] = Object.values(answers);
  if (data instanceof Float32Array) return { numbers: data, dims };
  throw new Error("The answer is not float32.");
}

/** The log-probability of each token of a response after its prompt. */
export async function onnxLogps(
  file: string,
  prompt: readonly number[],
  response: readonly number[],
): Promise<number[]> {
  const { numbers, dims } = await onnxAnswer(file, [...prompt, ...response]);
  const vocabulary = dims[1];
  return response.map((id, i) => {
    const at = (prompt.length + i - 1) * vocabulary;
    const row = numbers.slice(at, at + vocabulary);
    const peak = Math.max(...row);
    return row[id] - peak - Math.log(row.reduce((sum, z) => sum + Math.exp(z - peak), 0));
  });
}
