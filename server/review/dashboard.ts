export const dashboardOf = async (..._: unknown[]): Promise<never> => {
  throw new Error("dashboardOf is being written");
};
