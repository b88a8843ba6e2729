import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type LossFacts, lossesWhere, preferenceLosses } from "../engine/loss/catalog";
import { onnxOnlyLosses, rules } from "../engine/spec/rules";
import { adapterNames, elsewhere, modelKinds } from "../engine/train/model-card";
import { engineOptions } from "./engines";

/**
 * The declaration of run.yaml as data: what the Python package validates against, so that both engines read one
 * table. `node --import tsx workers/training/torch-declaration.ts` writes it anew; a test compares the file with this.
 */
export const declaration = () => ({
  methods: engineOptions(),
  /** The words of a model's card. */
  card: { kinds: modelKinds, adapters: adapterNames, elsewhere: [...elsewhere] },
  losses: {
    referenceFree: lossesWhere(({ reference }) => !reference),
    onnxOnly: onnxOnlyLosses,
    /** What joins the pairs of a micro-batch, so that rows cannot have weights: see joinsPairs. */
    sorted: lossesWhere(({ sorted }: LossFacts) => sorted),
    pooled: Object.fromEntries(
      Object.entries<LossFacts>(preferenceLosses).flatMap(([name, { pooled }]) =>
        pooled === undefined ? [] : [[name, pooled]],
      ),
    ),
  },
  rules,
});

export const declarationFile = fileURLToPath(new URL("../torch/concord_torch/options.json", import.meta.url));

export const declarationText = () => `${JSON.stringify(declaration(), null, 1)}\n`;

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(declarationFile, declarationText());
