import { benchmarkFigures } from "./benchmark";
import { conclusionFigures } from "./conclusion";
import { constructionFigures } from "./construction";
import { datasetFigures } from "./dataset";
import { endpointFigures } from "./endpoint";
import { jointFigures } from "./joint";
import { judgeFigures } from "./judge";
import { meaningFigures } from "./meaning";
import { modelFigures } from "./model";
import { qualityFigures } from "./quality";
import { redTeamFigures } from "./red-team";
import { reviewFigures } from "./review";
import { siteFigures } from "./site";

/**
 * The catalogue of figures: what each number on a page, in a file or in the API is, once. Pages show an entry beside
 * its number; a test holds the numbers to it, recomputed from the tables by another way, and finds those that have none.
 */
export const figures = {
  ...reviewFigures,
  ...datasetFigures,
  ...modelFigures,
  ...meaningFigures,
  ...benchmarkFigures,
  ...conclusionFigures,
  ...qualityFigures,
  ...endpointFigures,
  ...judgeFigures,
  ...constructionFigures,
  ...jointFigures,
  ...redTeamFigures,
  ...siteFigures,
};

export type FigureId = keyof typeof figures;
