export const countPreferences = async (..._: unknown[]): Promise<never> => {
  throw new Error("countPreferences is being written");
};
export const listPreferences = async (..._: unknown[]): Promise<never> => {
  throw new Error("listPreferences is being written");
};
