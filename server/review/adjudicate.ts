export const adjudicate = async (..._: unknown[]): Promise<never> => {
  throw new Error("adjudicate is being written");
};
export const disagreements = async (..._: unknown[]): Promise<never> => {
  throw new Error("disagreements is being written");
};
