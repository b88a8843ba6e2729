import { float16ToFloat32, float32ToFloat16 } from "../engine/file/half";

/** Largest number in half precision. */
const MOST = 65504;

/** An embedding as it is kept: half precision, whose error of 2⁻¹¹ is far below what tells two texts apart. */
export function packed(embedding: readonly number[]): Buffer {
  const within = Float32Array.from(embedding, (value) => Math.max(-MOST, Math.min(MOST, value)));
  return Buffer.from(float32ToFloat16(within).buffer);
}

export function unpacked(vector: Uint8Array): Float32Array {
  // A view needs an even beginning, which bytes from the database need not have.
  const own = Uint8Array.from(vector);
  return float16ToFloat32(new Uint16Array(own.buffer));
}
