/**
 * Instruction-following difficulty: the perplexity of an answer behind its prompt ÷ that of the answer alone. Near 1 the
 * prompt helps little, which is hard to learn and telling; from 1 on the two do not belong together.
 * Source: M. Li et al., Superfiltering, arXiv 2402.00530 (small models rank nearly as large ones do). The first paper
 * (Cherry LLM, arXiv 2308.12032) divides mean losses instead: the same line at 1, another order below it.
 * @param conditioned mean loss of the answer's tokens behind the prompt, in nats
 * @param alone the same without the prompt
 */
export const followingDifficulty = (conditioned: number, alone: number): number =>
  Math.exp(conditioned - alone);

/**
 * The rows that teach most: of those below 1 the share with the highest difficulty, hardest first; of equal ones the
 * earlier. The papers take 5–10 % of all rows.
 * @param share of all rows, those from 1 on included
 */
export function mostInstructive(difficulties: readonly number[], share: number): number[] {
  const useful = [...difficulties.keys()].filter((row) => difficulties[row] < 1);
  useful.sort((one, other) => difficulties[other] - difficulties[one] || one - other);
  return useful.slice(0, Math.round(share * difficulties.length));
}
