export const reviewDetail = async (..._: unknown[]): Promise<never> => {
  throw new Error("reviewDetail is being written");
};
