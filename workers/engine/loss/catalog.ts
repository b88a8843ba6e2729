/**
 * Every loss that a run can name, and what is known of it besides its formula's code: options, both engines and the
 * tests read these facts here. A loss is an entry here, its formula beside it, and a golden value.
 */

/** What one row holds: one text, a better and a worse answer, several with scores, one that was called good or bad. */
export type RowForm = "demonstration" | "pair" | "ranking" | "verdict";

export interface LossFacts {
  readonly rows: RowForm;
  /** The formula and where it comes from. */
  readonly formula: string;
  /** Compares the policy with a frozen reference. */
  readonly reference: boolean;
  /** Log-probabilities are means over tokens, also where they are logged. */
  readonly perToken?: true;
  /** Contains label_smoothing. */
  readonly smoothed?: true;
  /** Values of label_smoothing at which its formula breaks. */
  readonly brokenBy?: { readonly test: "is" | "least"; readonly value: number; readonly why: string };
  /** Reads the prompt's log-probabilities too. */
  readonly readsPrompt?: true;
  /** Estimates the divergence from answers to other prompts. */
  readonly mismatches?: true;
  /** Built on the difference of log ratios, which an f-divergence replaces. */
  readonly divergence?: true;
  /** Pairs of a micro-batch are sorted against each other, so that no pair has a weight of its own. */
  readonly sorted?: true;
  /** Adds the micro-batch's NLL of better answers, a mean over tokens, this many times; cpo_alpha times where it has that. */
  readonly pooled?: number;
  /** Options that act with this loss only, and those of them that it cannot do without. */
  readonly options?: readonly string[];
  readonly required?: readonly string[];
  /** TRL has no such loss: the onnx engine alone trains it. */
  readonly onnxOnly?: true;
}

type Catalog = Readonly<Record<string, LossFacts>>;

const pairs = { rows: "pair", reference: true } as const;
const alone = { rows: "pair", reference: false } as const;

export const preferenceLosses = {
  sigmoid: {
    ...pairs,
    smoothed: true,
    divergence: true,
    formula:
      "DPO, Rafailov et al. 2023 (2305.18290) eq. 7: −logσ(βΔ); with ε conservative DPO (Mitchell 2023)",
  },
  hinge: {
    ...pairs,
    divergence: true,
    formula: "SLiC's calibration on DPO's rewards, Zhao et al. 2023 (2305.10425): max(0, 1 − βΔ)",
  },
  ipo: {
    ...pairs,
    divergence: true,
    formula: "IPO, Azar et al. 2023 (2310.12036) eq. 17 on token means: (Δ − 1/(2β))²",
  },
  exo_pair: {
    ...pairs,
    smoothed: true,
    divergence: true,
    brokenBy: {
      test: "is",
      value: 0,
      why: "takes the logarithm of label_smoothing: set it above 0, 0.001 is usual.",
    },
    formula: "EXO, Ji et al. 2024 (2402.00856) eq. 16 with K = 2: KL(σ(±βΔ) ‖ (1−ε, ε))",
  },
  nca_pair: { ...pairs, formula: "NCA, Chen et al. 2024 (2402.05369) eq. 10 with K = 2" },
  robust: {
    ...pairs,
    smoothed: true,
    divergence: true,
    brokenBy: {
      test: "least",
      value: 0.5,
      why: "divides by 1 − 2·label_smoothing: set label_smoothing below 0.5.",
    },
    formula: "Robust DPO, Chowdhury et al. 2024 (2403.00409) eq. 8: unbiased under flips with probability ε",
  },
  bco_pair: {
    ...pairs,
    formula: "BCO's classifier on pairs, Jung et al. 2024 (2404.04656), without its moving shift",
  },
  sppo_hard: { ...pairs, formula: "SPPO, Wu et al. 2024 (2405.00675) eq. 4.7 with probabilities 1 and 0" },
  aot: {
    ...pairs,
    smoothed: true,
    sorted: true,
    formula: "AOT, Melnyk et al. 2024 (2406.05882): sorted log-ratio margins of policy and reference",
  },
  aot_unpaired: {
    ...pairs,
    smoothed: true,
    sorted: true,
    formula: "AOT without pairing, Melnyk et al. 2024 (2406.05882): sorted ρ⁺ against sorted ρ⁻",
  },
  apo_zero: {
    ...pairs,
    formula:
      "APO-zero, D'Oosterlinck et al. 2024 (2408.06266) eq. 7: raise the better answer, lower the worse one",
  },
  apo_down: {
    ...pairs,
    formula: "APO-down, D'Oosterlinck et al. 2024 (2408.06266) eq. 8: lower both, the worse one more",
  },
  discopop: {
    ...pairs,
    divergence: true,
    options: ["discopop_tau"],
    formula: "DiscoPOP, Lu et al. 2024 (2406.08414) eq. 5: logistic and exponential loss blended by σ(βΔ/τ)",
  },
  sft: {
    ...pairs,
    divergence: true,
    pooled: 1,
    formula: "Cross-entropy of the better answers' tokens, as in MPO (Wang et al. 2024, 2411.10442)",
  },
  sigmoid_norm: {
    ...pairs,
    divergence: true,
    formula: "DPO on token means, as in Tülu 3 (2024, 2411.15124): −logσ(β(ρ⁺/|y⁺| − ρ⁻/|y⁻|))",
  },
  cpo: {
    ...alone,
    smoothed: true,
    pooled: 1,
    options: ["cpo_alpha"],
    formula:
      "CPO, Xu et al. 2024 (2401.08417) eq. 5: DPO with a uniform reference, plus the better answer's NLL",
  },
  simpo: {
    ...alone,
    perToken: true,
    smoothed: true,
    pooled: 0,
    options: ["cpo_alpha", "simpo_gamma"],
    formula: "SimPO, Meng et al. 2024 (2405.14734) eq. 6: −logσ(β·(mean logp⁺ − mean logp⁻) − γ)",
  },
  orpo: {
    ...alone,
    perToken: true,
    pooled: 1,
    readsPrompt: true,
    formula:
      "ORPO, Hong et al. 2024 (2403.07691) eq. 6: NLL of prompt and better answer − β·logσ(log odds ratio)",
  },
  slic: {
    ...alone,
    options: ["slic_delta", "slic_lambda"],
    required: ["slic_delta", "slic_lambda"],
    onnxOnly: true,
    formula:
      "SLiC-HF, Zhao et al. 2023 (2305.10425) eq. 1: max(0, δ − logp⁺ + logp⁻) − λ·logp of the better answer",
  },
  rrhf: {
    rows: "ranking",
    reference: false,
    options: ["rrhf_length_penalty"],
    onnxOnly: true,
    formula:
      "RRHF, Yuan et al. 2023 (2304.05302) eq. 2–4: p_i = logp_i/|y_i|^λ, Σ_{r_i<r_j} max(0, p_i − p_j) − logp of the best answer",
  },
  pro: {
    rows: "ranking",
    reference: false,
    options: ["pro_sft_weight"],
    onnxOnly: true,
    formula:
      "PRO, Song et al. 2023 (2306.17492) eq. 7–9: every answer against the worse ones, weighed by how much worse, plus the best answer's NLL",
  },
} as const satisfies Catalog;

export const sftLosses = {
  nll: { rows: "demonstration", reference: false, formula: "Cross-entropy of the label tokens" },
  chunked_nll: { rows: "demonstration", reference: false, formula: "TRL's name for the same numbers" },
} as const satisfies Catalog;

export const rewardLosses = {
  bradley_terry: {
    rows: "pair",
    reference: false,
    formula: "Bradley–Terry with margin, Llama 2 (2023, 2307.09288) eq. 2: −logσ(r⁺ − r⁻ − m)",
  },
  plackett_luce: {
    rows: "ranking",
    reference: false,
    onnxOnly: true,
    formula:
      "Plackett–Luce (Zhu et al. 2023, 2301.11270): −Σ_k log(e^{r_k} / Σ_{i not better than k} e^{r_i})",
  },
} as const satisfies Catalog;

export const ktoLosses = {
  kto: {
    rows: "verdict",
    reference: true,
    mismatches: true,
    formula: "KTO, Ethayarajh et al. 2024 (2402.01306) eq. 8, with the divergence from mismatched pairs",
  },
  apo_zero_unpaired: {
    rows: "verdict",
    reference: true,
    formula: "APO-zero on single answers, D'Oosterlinck et al. 2024 (2408.06266) eq. 7",
  },
} as const satisfies Catalog;

export type PreferenceLoss = keyof typeof preferenceLosses;
type NamesOf<Form extends RowForm> = {
  [Name in PreferenceLoss]: (typeof preferenceLosses)[Name]["rows"] extends Form ? Name : never;
}[PreferenceLoss];
export type PairLossName = NamesOf<"pair">;
export type RankedLossName = NamesOf<"ranking">;

/** The catalog by method, for what both engines train. */
export const lossCatalog = {
  sft: sftLosses,
  reward: rewardLosses,
  preference: preferenceLosses,
  kto: ktoLosses,
} as const satisfies Readonly<Record<string, Catalog>>;

/** The names of a catalog, for an option's list of values. */
export const namesOf = <Name extends string>(catalog: Readonly<Record<Name, LossFacts>>): Name[] =>
  // Object.keys forgets the type of the names it gives.
  Object.keys(catalog).filter((name): name is Name => name in catalog);

/** Those of the preference losses of which `fact` holds. */
export const lossesWhere = (fact: (facts: LossFacts) => unknown): PreferenceLoss[] =>
  namesOf(preferenceLosses).filter((name) => fact(preferenceLosses[name]));

/** The facts of a method's loss. */
export function factsOf(method: keyof typeof lossCatalog, name: string): LossFacts {
  const facts = Object.entries<LossFacts>(lossCatalog[method]).find(([known]) => known === name)?.[1];
  if (!facts) throw new Error(`a ${method} run has no loss called ${name}`);
  return facts;
}
