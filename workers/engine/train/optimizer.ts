/** AdamW and gradient clipping over plain arrays; onnxruntime measured no faster, and this needs the least memory. */

/** A tensor that training changes, with what changes it. All arrays are of one length. */
export interface Trainable {
  readonly name: string;
  readonly shape: readonly number[];
  /** Whether weight decay applies: not to norms and biases. */
  readonly decays: boolean;
  readonly data: Float32Array;
  readonly gradient: Float32Array;
  /** Running means of the gradient and of its square. */
  readonly first: Float32Array;
  readonly second: Float32Array;
}

export function trainable(
  name: string,
  { shape, data }: { readonly shape: readonly number[]; readonly data: Float32Array },
  decays: boolean,
): Trainable {
  const zeros = () => new Float32Array(data.length);
  return { name, shape, decays, data, gradient: zeros(), first: zeros(), second: zeros() };
}

export interface AdamWSettings {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

/**
 * One step of AdamW (Loshchilov and Hutter, arXiv 1711.05101) in torch's order of operations; changes `data` and
 * the running means in place.
 * @param step counts from 1.
 * @param clip factor on the gradient.
 */
export function adamW(
  { data, gradient, first, second, decays }: Trainable,
  clip: number,
  step: number,
  { learningRate, beta1, beta2, epsilon, weightDecay }: AdamWSettings,
): void {
  const keep = decays ? 1 - learningRate * weightDecay : 1;
  const stepSize = learningRate / (1 - beta1 ** step);
  const correction = Math.sqrt(1 - beta2 ** step);
  for (let i = 0; i < data.length; i++) {
    const g = clip * gradient[i];
    const m = beta1 * first[i] + (1 - beta1) * g;
    const v = beta2 * second[i] + (1 - beta2) * g * g;
    first[i] = m;
    second[i] = v;
    data[i] = data[i] * keep - (stepSize * m) / (Math.sqrt(v) / correction + epsilon);
  }
}

/** The norm of all gradients together. */
export function globalNorm(trainables: readonly Trainable[]): number {
  let squares = 0;
  for (const { gradient } of trainables)
    for (let i = 0; i < gradient.length; i++) squares += gradient[i] * gradient[i];
  return Math.sqrt(squares);
}

/** The factor that brings gradients of this norm down to `limit` (torch's clip_grad_norm_); 0 means no limit. */
export function clipFactor(norm: number, limit: number): number {
  return limit > 0 ? Math.min(1, limit / (norm + 1e-6)) : 1;
}

/** target += factor · source. */
export function addScaled(target: Float32Array, source: Float32Array, factor: number): void {
  for (let i = 0; i < target.length; i++) target[i] += factor * source[i];
}
