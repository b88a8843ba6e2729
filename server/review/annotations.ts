export const listAnnotations = async (..._: unknown[]): Promise<never> => {
  throw new Error("listAnnotations is being written");
};
